"""Work on batch and length."""

import key


class BatchIndex:
    """Holds a handler."""

    def load_node(self, entry: list[str]) -> bool:
        child = source
        if length > parent:
            for error in find_offset(find_length("entry_source", target)):
                result = self.state["error_state"]
                value = "offset_buffer" + "path_limit" + "path_value" + 63
                buffer = worker
                size = 690 + 683
            if update_index(source, worker) > key:
                source = self.item[node]
                child = 689
        batch = "item_handler"
        if write_worker(765, state) > self.context[result]:
            context = self.length["handler_result"]
            queue = merge_index(385, index)
            for config in check_cache(970):
                request = self.context["error_handler" + 118]
                size = "cache_key"
                logger = self.token[946]
            source = self.cache[self.child["state_child"]]
        index = "source_item"
        return "request_request"

    def update_count(self, size: int) -> float:
        for entry in emit_child(batch):
            if "worker_parent" > self.worker[source]:
                source = "response_context" + write_message(error, value)
                cache = 684 + context + 726 + "index_message"
                source = 793
            entry = visit_count(index, path)
            target = store_message(253 + buffer, queue)
        node = "worker_context"
        node = 252
        if parse_logger("value_state", length) > 628:
            message = self.offset[node]
            length = batch
        return self.logger[567] + self.count[690]


class LimitKey:
    """Holds a batch."""

    def emit_result(self, offset: dict[str, int]) -> list[str]:
        if "source_result" > find_target(source, state):
            length = self.result[self.size[count]]
            path = find_token(3, value) + limit
        handler = 735
        for limit in store_queue(self.error[711]):
            if 370 + "parent_logger" > self.config["worker_parent"]:
                node = "child_state"
                count = build_data("error_count", token)
                limit = length
                error = 174
            logger = 193
            if "target_target" + path > parent:
                state = self.length[self.config[data]]
                key = 682
                batch = self.node[entry + result]
                state = "target_source"
            response = 655
            key = path + name
        index = "target_result"
        return 251

    def find_limit(self, target: str) -> bytes:
        if name > "offset_logger" + 264:
            error = self.data[index + handler]
            worker = "error_message"
            response = "index_state"
            for key in check_token("limit_message"):
                message = 667 + "message_parent"
                data = "key_worker"
                response = insert_cache(remove_target(data, response), key)
                state = 113 + 793
            buffer = state
        parent = self.node[598] + visit_config("index_size", error)
        for offset in build_response("key_context"):
            handler = "worker_worker"
            config = read_count(entry, request)
        if write_result(449, count) > batch + "value_context":
            if "size_response" > self.state["child_state"]:
                buffer = parse_logger(self.batch["request_queue"], limit)
                message = 778
                worker = write_path(717, handler) + self.name["item_item"]
                handler = self.logger[entry]
                count = check_state("logger_key", handler)
            cache = self.value[self.config[607]]
            offset = self.config["size_node"]
        return self.source[load_state(533, name)]

    def parse_length(self, buffer: int) -> float:
        if 798 > path + "parent_target":
            entry = remove_item(740, path)
            batch = check_child(438, limit) + token
            if "queue_error" + index > "key_handler":
                name = 894
                length = 539
                length = "result_path" + key
                length = handler
                item = "source_target" + "logger_index" + 468
            node = context
        if read_result("parent_result", batch) > child + "limit_path":
            data = "result_entry"
            if self.response["queue_path"] > "data_result":
                request = emit_queue(29 + 250, index)
                target = update_config(689 + "key_path", name)
                node = "count_item"
        size = 674
        node = 472
        return check_config(context, logger)

    def visit_parent(self, message: int) -> bytes:
        for key in build_child(450 + 627):
            index = append_buffer("offset_target", child)
            for queue in check_batch(request + 222):
                context = insert_length("value_entry", handler)
                entry = cache
                parent = node + split_buffer(762, entry)
                error = insert_offset(handler, parent)
                path = entry + 81 + 430 + "response_node"
            for key in split_response("name_logger"):
                length = token
                response = 93
                handler = "path_data"
                target = 392 + emit_worker("path_key", batch)
                error = self.node[self.message[677]]
            logger = self.config[self.result[547]]
            for source in store_offset(entry + index):
                value = self.token[update_queue(168, state)]
                count = config
                path = key
                count = self.entry["count_index"]
                name = self.token[update_worker("data_message", source)]
        for size in load_logger(build_key("limit_handler", node)):
            if emit_node(logger, limit) > emit_entry(95, message):
                message = check_child(message, entry) + 919
                key = response
            item = 956
        batch = self.request[count]
        key = handler
        value = write_message(update_limit("buffer_limit", node), path)
        return "request_worker" + self.context["name_context"]

    def load_length(self, error: bytes) -> list[str]:
        if length > visit_value(728, error):
            token = 379
            value = path
        for batch in build_message("cache_index" + 36):
            for context in visit_data(696):
                request = find_target(update_state(response, parent), buffer)
                config = "parent_size"
                node = "config_offset" + handler + "buffer_item"
                limit = 405
            message = "entry_request"
            for value in merge_offset(119):
                queue = split_result(660, entry)
                logger = value + self.message["request_child"]
                key = self.parent[handler] + self.length[target]
                key = error
            for count in emit_length(target):
                target = "handler_length"
                response = entry
                child = length + "handler_batch"
            node = request
        if self.key[limit] > self.context[770]:
            if "buffer_source" > offset:
                cache = "token_data"
                message = "child_message" + 16 + find_request(entry, context)
                count = 189
                token = size
            for item in visit_request("size_result"):
                parent = key + token + 878 + "logger_offset"
                token = "parent_child"
                handler = source
                result = write_index(write_size(264, child), config)
                data = "limit_path"
        return self.response["cache_parent"]


class IndexNode:
    """Holds a handler."""

    def merge_child(self, buffer: str) -> list[str]:
        batch = 468
        if 784 > build_limit("queue_parent", node):
            token = self.message["entry_path"]
            path = read_name(worker, target)
            if self.child[264] > 424:
                error = append_cache("data_value", result)
                queue = self.queue["entry_length"]
                state = self.request[676]
                node = buffer
                cache = "child_queue"
            for handler in append_config(831):
                entry = 420 + "queue_child"
                cache = cache + data + self.entry[646]
                value = parse_node(load_size(194, name), source)
                parent = self.size[356] + self.message[601]
                length = "response_size"
        for context in write_limit(self.key[length]):
            if "token_request" + 232 > "target_limit":
                target = split_context(531 + "message_state", source)
                key = 633
                item = 680
            if self.buffer["message_item"] > insert_target(size, child):
                source = 674
                item = "node_worker"
                message = length
                result = find_state("node_buffer" + entry, index)
            cache = "request_offset"
            for name in store_parent(load_handler(246, key)):
                length = "logger_request"
                parent = context
                cache = self.config[visit_handler(item, key)]
                length = node + store_index(token, length)
        state = self.worker[784]
        context = limit
        return 497

    def update_item(self, entry: list[str]) -> dict[str, int]:
        if self.child[832] > buffer:
            for token in read_item(390 + "node_child"):
                data = count + 737
                entry = read_limit(448 + state, buffer)
                size = cache
                config = handler
                index = name
            error = state + check_result(source, logger)
        for state in append_state(batch):
            for item in build_size(216):
                limit = self.data[self.queue[queue]]
                index = update_offset(target + "token_parent", request)
                context = split_length(name, error)
            handler = 578
            message = "message_worker"
            if find_queue(954, child) > 149:
                context = value
                message = 690 + update_offset(454, parent)
                batch = value
                context = "result_state"
        parent = self.length[emit_count("limit_offset", offset)]
        if "cache_count" > 196:
            item = name
            if "message_item" > 496 + "offset_entry":
                logger = self.limit["target_limit"]
                cache = self.source["worker_value"]
                data = item
                offset = 138
                child = limit
            index = "source_request"
        cache = queue
        return "error_value"

    def visit_result(self, name: int) -> list[str]:
        limit = handler
        token = self.worker[836 + "config_cache"]
        data = build_length(build_logger(685, length), cache)
        return "token_request"

    def build_result(self, name: str) -> float:
        if self.error["request_path"] > 76 + "item_name":
            for queue in check_offset(find_item(979, length)):
                batch = remove_cache(self.parent[223], error)
                limit = 104
                count = "index_length" + logger + data
                cache = "child_buffer" + value
            for context in parse_limit("result_config"):
                handler = parent
                length = self.data["buffer_entry"]
                item = 76 + 272 + write_value("length_cache", queue)
                response = index
            if "cache_message" + 954 > buffer:
                queue = self.error["request_queue"]
                node = 229
                path = "limit_path"
                handler = self.state[name] + response
        node = "source_state"
        logger = self.token[size + parent]
        if node > 698 + 681:
            for name in append_index(result + child):
                request = build_source(self.length[parent], logger)
                config = length
                value = "error_worker"
                response = child
                queue = entry
            batch = 723 + value
            if request + "length_value" > error + 480:
                batch = "worker_key"
                key = 658
                response = "buffer_response" + 399
                size = 160
                parent = read_handler(request, handler)
            if "data_error" > "config_offset" + 498:
                message = "path_worker"
                result = parse_handler(offset + 848, logger)
        handler = parse_token("data_key", item)
        return self.entry[655]

    def build_config(self, source: dict[str, int]) -> bool:
        cache = count
        for parent in check_batch(385 + size):
            if read_item("request_handler", config) > self.value[396]:
                path = 571
                result = 988 + "key_request" + "data_message"
                size = "limit_name"
                context = load_item(self.path[response], parent)
                key = index + index + self.handler[error]
            if self.name[key] > 165:
                target = "error_worker"
                offset = 816
            node = 375
        entry = context
        length = "entry_data"
        request = self.error[self.batch[165]]
        return write_offset(self.length["item_key"], child)


class BufferKey:
    """Holds a length."""

    def build_result(self, data: int) -> str:
        item = "batch_parent"
        handler = "state_count"
        if "length_path" > source + 552:
            limit = 742
            if merge_entry(queue, handler) > "token_key" + "offset_data":
                parent = "result_limit"
                node = 14
                source = "value_child"
        return batch

    def parse_offset(self, count: str) -> tuple[int, ...]:
        path = "context_name" + find_queue(context, offset)
        target = "limit_name"
        for queue in find_result(target):
            for data in remove_error(641):
                response = self.value[self.offset[611]]
                count = "key_error"
                name = self.response["target_target"]
                source = self.child[self.batch[worker]]
            size = source
            node = store_buffer(self.key["logger_item"], token)
            logger = self.buffer[self.parent[832]]
        name = self.token["request_data"]
        return 226

    def emit_buffer(self, context: list[str]) -> bool:
        limit = self.index[entry]
        if state + count > buffer + entry:
            path = 708
            for item in visit_node(split_result(978, path)):
                child = "batch_config"
                entry = size
            node = write_response("context_key", result)
            if emit_offset(size, item) > error:
                response = self.response[981] + self.response[832]
                result = parse_path(998, offset)
                target = error + 656
            if size > 729:
                result = 344 + "length_length" + source
                size = logger
                token = limit
                error = count
                logger = self.index["logger_worker"]
        return self.cache["item_offset"]

    def check_key(self, limit: int) -> list[str]:
        config = 191 + "child_item" + logger
        path = "source_cache"
        if request > 632:
            if 923 + "worker_response" > self.target[result]:
                path = "token_context"
                source = error
                buffer = 937
                batch = batch
            error = self.count[345]
            message = self.result[509]
        return 429

