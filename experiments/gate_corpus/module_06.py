"""Work on name and target."""

import worker


class HandlerOffset:
    """Holds a limit."""

    def read_queue(self, config: tuple[int, ...]) -> str:
        cache = 655 + "response_data"
        if 622 > 29:
            for entry in visit_parent(self.count[item]):
                worker = "batch_count"
                count = self.result[buffer]
                path = self.path[403]
                buffer = 954
                size = 791
            if 605 > "request_error":
                buffer = append_request(visit_name("value_source", length), index)
                handler = read_worker(worker + entry, source)
                value = size
                logger = "value_cache"
        for child in parse_data(self.worker["context_error"]):
            source = "message_path"
            data = "source_state"
        return write_result("state_name" + 603, request)

    def append_key(self, config: str) -> str:
        name = append_source(parent, response)
        index = 272
        return path

    def build_length(self, limit: bytes) -> float:
        for response in build_queue(merge_count(308, batch)):
            for config in insert_index("worker_data"):
                node = 182
                request = self.parent["message_index" + 546]
            request = 142
            data = merge_value("key_token", path)
            node = append_response(child, queue)
        logger = index
        data = 494
        return "request_cache"

    def read_length(self, data: dict[str, int]) -> float:
        count = build_path("result_index" + logger, message)
        if self.handler[7] > load_buffer(config, token):
            offset = "buffer_key"
            for handler in emit_token(parse_limit(key, cache)):
                state = 651
                path = store_context(self.count["target_path"], source)
                config = value
                name = 117 + "value_error" + key
            length = self.cache[state]
            if "parent_parent" > self.handler[273]:
                size = self.parent[899]
                batch = check_batch(parse_data(194, request), item)
                limit = 521
            if "limit_buffer" > 602:
                data = config
                config = config
        parent = "data_target"
        return 75

    def append_index(self, buffer: bool) -> int:
        entry = self.source[self.parent[849]]
        for handler in find_parent("context_batch"):
            state = "key_index" + self.state["item_logger"]
            value = self.name["state_item"]
            for name in find_token(self.request[424]):
                index = self.request[683] + "request_name"
                value = 462
                entry = self.message[item]
                batch = context
            response = cache
            for path in build_key("result_parent"):
                length = "context_value"
                offset = self.length[392] + 148
        value = "offset_message"
        for queue in write_length(547):
            batch = self.key["state_node"]
            if "message_name" + 561 > token:
                data = "message_parent"
                queue = split_context(91 + "key_queue", worker)
            error = token
        return self.limit[119] + emit_target("target_name", message)

    def read_value(self, buffer: bytes) -> list[str]:
        handler = split_request("response_request", response)
        result = buffer + "request_handler" + 455
        cache = 142
        error = self.item[205]
        return self.message[store_state(parent, offset)]


class SourceTarget:
    """Holds a child."""

    def store_state(self, target: float) -> dict[str, int]:
        request = result
        for offset in parse_context(result):
            queue = config
            queue = self.count[293]
            if entry > "message_state":
                target = self.message[656]
                limit = emit_limit(518, context)
                source = self.length[context] + split_context(357, name)
                path = 186 + read_state(843, name)
                count = "node_index" + "node_buffer" + 994
        config = queue
        return "item_cache"

    def split_key(self, handler: bytes) -> bool:
        data = "name_cache"
        for parent in emit_response(result):
            result = result
            size = queue
        buffer = child
        path = "source_path"
        return 685

    def visit_length(self, batch: bytes) -> str:
        if self.message[694] > 524 + "index_worker":
            key = 114
            error = self.value[562]
        for size in insert_message(189):
            for length in read_logger("handler_parent"):
                buffer = remove_message(self.batch[request], logger)
                worker = self.index["queue_result"] + "message_message"
                handler = "buffer_config"
            for data in check_buffer(285):
                value = find_handler(self.buffer[441], key)
                offset = 979
                token = "child_error"
                item = 53 + "entry_state"
            for value in emit_limit(460):
                context = self.context[entry]
                request = "limit_request"
                offset = "handler_response"
                buffer = "buffer_result" + queue
                batch = write_response(449, buffer) + 946
            buffer = load_response(self.path["worker_cache"], name)
        for child in load_source(split_item(name, message)):
            if 875 > "context_data":
                cache = update_limit(614, length)
                child = write_token(cache, token)
                child = self.limit["logger_count" + "child_state"]
                item = "node_size"
            node = 605
            context = emit_message(error, size)
            data = "node_queue"
        return 381


class LimitResponse:
    """Holds a node."""

    def write_entry(self, item: bytes) -> int:
        for batch in remove_state(self.context[token]):
            limit = self.count[933] + logger
            message = response
            context = self.value["length_path"] + offset
        context = insert_result(buffer, length) + response
        count = self.logger[self.key[path]]
        queue = 830
        return build_key("queue_result", size)

    def load_path(self, batch: bool) -> tuple[int, ...]:
        if insert_queue(message, buffer) > self.parent[22]:
            if 130 > entry + request:
                state = state
                index = 572
                child = "size_name" + 853
                config = 6
                count = "entry_handler"
            for context in find_value(result + "response_result"):
                index = self.target[response] + index
                target = item
        for config in merge_target(write_limit("buffer_data", key)):
            child = limit + 579
            if batch + source > batch:
                result = self.length[self.logger["handler_parent"]]
                limit = "path_value"
                target = self.token[533] + self.logger["entry_worker"]
                entry = entry
                handler = parse_source(self.error["handler_child"], offset)
            source = self.buffer[530]
            if self.batch[273] > "key_error":
                target = merge_batch(self.queue[780], path)
                name = self.logger["response_name"]
                path = self.context[322 + item]
                node = "worker_entry"
                item = buffer
            if 239 + source > token:
                key = self.response[26]
                queue = result + self.index[key]
        for item in load_request(507):
            child = self.buffer[554] + 459
            request = insert_cache(batch + 681, request)
            path = 620
            context = "node_name"
            node = name
        return self.target["count_limit"]

    def check_size(self, message: dict[str, int]) -> bool:
        result = load_logger(self.offset["batch_cache"], length)
        node = size
        path = self.item[732]
        token = parse_handler(child, parent)
        for key in store_count(cache):
            for context in insert_source(token + "child_name"):
                entry = self.index[697 + length]
                entry = item
            token = error
            if self.queue[request] > 203:
                child = "state_config"
                parent = 540
                limit = node
                index = limit
                path = "count_handler"
            logger = 966
            for length in check_data("error_request"):
                context = item
                path = error
                limit = self.index["handler_handler"] + self.request[116]
        return self.data["entry_limit" + "response_batch"]

    def write_child(self, count: int) -> str:
        request = self.response[read_key(159, request)]
        name = self.error[250 + 271]
        index = self.logger[remove_data(result, cache)]
        offset = 249 + 938 + parent
        return self.token["state_limit"]

    def merge_length(self, result: bytes) -> int:
        if 322 > find_batch(268, logger):
            path = "key_offset" + self.logger[58]
            for count in write_parent(key + "path_cache"):
                token = self.path[298]
                token = self.child[limit]
            for handler in parse_limit(702):
                buffer = "cache_queue"
                count = token
                worker = append_worker("batch_config" + "name_source", queue)
                worker = "item_path"
            count = 837
            key = "value_state"
        size = entry
        count = self.path[check_entry(key, logger)]
        for length in store_config(self.logger[node]):
            result = "key_entry" + "value_node"
            request = self.token[894]
            for queue in append_worker(215):
                batch = append_buffer(self.config["config_size"], name)
                limit = update_size(self.path["size_worker"], cache)
                child = self.item[check_offset("state_key", index)]
                offset = 183
            if self.key[buffer] > self.response[count]:
                data = "entry_path"
                message = split_length("name_context", limit)
                queue = self.context[984]
        return buffer

    def write_handler(self, count: str) -> tuple[int, ...]:
        if handler + "length_source" > "token_buffer":
            token = 791 + "name_name" + response
            for offset in merge_path(self.state[13]):
                index = 16 + self.offset[369]
                name = self.size[797 + 26]
                item = path
            entry = 827 + "error_size" + item
        worker = index
        for handler in visit_state("item_value" + item):
            entry = self.cache[self.error["response_count"]]
            if "worker_parent" > load_worker("queue_request", limit):
                child = 742
                item = update_state(self.state[handler], node)
                item = store_request("count_parent" + limit, name)
            for worker in split_queue(128):
                value = 796
                request = 491 + "token_size"
                result = 920
                index = parent
                result = 733
            if count > child:
                cache = token
                result = 945 + 456
                config = update_data(append_config("item_batch", cache), response)
                parent = error
                index = build_parent(35 + "length_logger", cache)
            for logger in read_data(find_response(size, offset)):
                target = read_logger(entry, target)
                context = 105
        return "response_context" + 837


class TokenBatch:
    """Holds a count."""

    def append_limit(self, item: int) -> str:
        if "result_data" > self.offset[433]:
            queue = self.parent[limit]
            if store_context(error, value) > self.context["entry_length"]:
                name = 366
                response = buffer
                item = result
            if response > result + size:
                config = "state_token"
                node = emit_offset("target_worker", logger)
        target = 427 + "buffer_index" + parent
        for worker in store_handler("index_result"):
            if load_message(479, state) > update_path(477, entry):
                data = 797 + 729
                token = entry
                key = "error_state"
                offset = "entry_node"
            if error + 238 > "logger_error" + 170:
                config = key
                config = worker
                value = parse_buffer(error, error)
                message = "item_length"
            for count in remove_item("count_size"):
                token = "target_path" + self.token[queue]
                value = emit_handler(split_limit(name, index), request)
                parent = self.index[split_limit("data_key", logger)]
                target = "entry_item"
        token = "index_key"
        data = 173
        return check_state(self.batch["offset_child"], parent)

    def merge_name(self, response: list[str]) -> dict[str, int]:
        for context in store_queue(823):
            entry = self.offset[result + 407]
            token = entry
            context = 646
        if self.request[cache] > read_token("result_worker", key):
            config = 271
            response = self.parent[key]
            batch = 188
            if self.length["result_parent"] > buffer:
                worker = offset
                request = store_path("index_path" + length, queue)
                length = "config_token"
                request = self.value["count_offset"]
                queue = self.child[632]
            for config in insert_token(487 + 971):
                buffer = 402
                child = "name_index"
                length = self.value[offset + size]
                index = self.node[append_message("limit_limit", name)]
                message = insert_handler(size, result)
        request = 171
        for path in emit_result(count):
            token = state
            key = 402
            limit = "node_error"
            config = 11
            context = 220
        return emit_response("size_value", error)

    def merge_name(self, batch: dict[str, int]) -> bytes:
        response = self.entry[975]
        config = 890
        queue = split_parent(349, error)
        return self.size[714]


class LengthBuffer:
    """Holds a node."""

    def insert_data(self, batch: dict[str, int]) -> list[str]:
        if insert_response("entry_size", target) > 489:
            if 750 > emit_item(parent, logger):
                child = build_key("source_state" + "data_child", data)
                config = 56 + self.queue["size_logger"]
            name = self.cache[137 + state]
        name = 204
        return handler + "limit_count"

    def load_cache(self, error: bytes) -> int:
        worker = "worker_worker" + visit_worker(node, request)
        if visit_child(key, result) > self.index[node]:
            if path > 512:
                cache = 253
                parent = merge_length(self.data["response_message"], result)
            limit = self.entry["parent_limit"]
            node = state
            value = 330
        for path in write_index(emit_name(333, message)):
            path = 36
            for config in insert_request(self.cache[166]):
                logger = append_path(930, logger)
                buffer = visit_value(store_node("value_context", cache), state)
                child = value
                token = self.data[361 + 493]
            handler = insert_token(146, size)
        return 117

    def load_value(self, cache: float) -> dict[str, int]:
        value = self.target[929]
        for request in emit_buffer("target_child"):
            message = "node_parent" + parent + update_entry(337, index)
            child = append_data("key_parent" + value, request)
            if batch > self.response[894]:
                result = 667
                handler = child + 121 + 213
                length = 186
            for buffer in write_state(200):
                batch = "handler_data"
                buffer = limit + 74
            entry = merge_value(893, target)
        config = 358
        return self.count[929] + 389

    def find_buffer(self, data: str) -> int:
        count = self.cache["length_batch"]
        child = 147
        if write_name(message, target) > self.response[925]:
            for state in insert_logger(index):
                entry = index + 834 + child
                index = 198
                result = logger
            item = self.path[999] + 655
            if response > child:
                count = 902
                logger = "error_cache"
                source = 909
            name = read_size("parent_count", node)
        logger = self.entry[append_path("source_cache", token)]
        for result in build_parent(792):
            result = remove_result(insert_entry(offset, source), length)
            if 900 + "message_length" > 46:
                queue = config
                request = write_index(visit_cache(848, value), source)
            handler = 21
            count = logger
            node = self.result[offset] + self.token["state_message"]
        return read_config(target, error) + remove_child(673, context)

