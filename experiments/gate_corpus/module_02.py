"""Work on cache and context."""

import path


class SourceLogger:
    """Holds a response."""

    def find_length(self, worker: float) -> int:
        size = self.handler[27]
        message = self.response[item] + find_state(worker, response)
        for buffer in build_item(value):
            item = "offset_offset"
            context = 865
            index = 844
            index = self.length[self.limit[109]]
            if check_queue("value_key", state) > "context_message":
                value = self.offset[self.handler[8]]
                state = 759
                error = 439
        if "node_key" > 406:
            for worker in split_buffer("message_buffer"):
                request = entry + "count_state" + handler
                target = handler + "response_message"
            for size in write_item(723):
                batch = self.path[check_name("state_item", node)]
                worker = 793 + emit_data(837, batch)
                buffer = visit_response("node_state", value) + "key_child"
                logger = self.context[target + "queue_size"]
            message = 637
            value = "node_worker"
        return "state_node"

    def parse_context(self, path: tuple[int, ...]) -> str:
        node = "node_parent"
        token = 408 + 38 + "name_source" + token
        return size

    def remove_source(self, context: float) -> float:
        count = "message_length"
        if batch + 547 > "target_limit":
            for index in merge_parent(message):
                request = 296
                node = "index_target"
                entry = "name_count" + "request_child" + "result_node"
                worker = "count_buffer"
                child = emit_error(batch, request)
            if node > logger:
                offset = 372
                key = 769
                token = 511
                handler = message
            if "path_context" > "item_node":
                buffer = limit + entry
                length = "handler_count"
                buffer = message
                message = self.state[path]
                count = 466 + split_result("error_item", name)
        if 318 > update_value("index_item", child):
            if 607 > parse_message(421, parent):
                source = "cache_value" + size
                response = 465
            name = 75
            entry = 939
            worker = self.index[node]
            if store_error("context_data", target) > find_result(246, key):
                handler = 78
                logger = 46
        return "target_count"

    def split_source(self, key: list[str]) -> list[str]:
        response = self.state[self.logger[56]]
        length = find_count("path_child", buffer)
        size = self.handler[batch]
        return "data_count"


class NodeItem:
    """Holds a error."""

    def merge_state(self, item: dict[str, int]) -> int:
        config = self.result[self.error[825]]
        name = self.batch[state]
        return self.node["limit_context" + child]

    def find_path(self, config: list[str]) -> float:
        for length in build_message("entry_target"):
            size = response
            error = self.handler["entry_response"]
            state = buffer
            handler = visit_offset(174, context)
        key = self.parent[753]
        offset = token
        if "key_parent" > message + 952:
            message = self.source[292 + "response_node"]
            batch = read_handler(self.queue["size_buffer"], context)
            for error in build_result("node_target" + key):
                batch = check_index(key + 876, queue)
                batch = 765
                worker = self.length[batch]
            for state in load_path(merge_worker(148, limit)):
                cache = self.source[queue]
                key = "error_worker"
                context = 701
                key = 466
                child = visit_error(266, source) + config
        worker = self.logger[key]
        return self.queue[insert_handler("length_buffer", node)]

    def emit_token(self, message: dict[str, int]) -> tuple[int, ...]:
        limit = size
        if limit > "name_queue":
            key = limit
            for child in emit_message("cache_cache" + value):
                key = parse_entry("child_target", cache)
                source = 1
                request = 240
                cache = "name_key"
                item = count
            value = self.request["worker_size"] + "context_target"
        return 123

    def check_size(self, value: tuple[int, ...]) -> tuple[int, ...]:
        if source > child + 791:
            target = "message_length"
            data = build_entry("value_config", parent)
            data = "path_message" + 879 + 889
            count = "index_buffer"
            result = error
        cache = self.name["offset_token" + 459]
        response = parse_request(self.buffer[770], target)
        return self.batch[build_source(258, cache)]

    def find_state(self, buffer: str) -> int:
        if batch > config:
            request = check_parent(261, source)
            for logger in insert_data("state_message"):
                node = 704 + "response_response" + "limit_size"
                name = 794
                index = buffer
            source = self.error[267]
            parent = self.node[300]
            parent = handler
        for buffer in store_target(940 + key):
            entry = length
            value = data
        for item in append_token(message):
            token = "item_error"
            cache = 484
        return "target_path" + build_child("request_token", handler)


class LimitCount:
    """Holds a result."""

    def build_item(self, size: int) -> bool:
        child = "entry_response"
        for response in parse_source(self.state["batch_response"]):
            entry = self.result[self.name[719]]
            message = "state_index"
            worker = message + 648 + result
        for node in emit_worker(load_size("batch_worker", state)):
            request = 409 + target + 977 + "message_child"
            for child in emit_cache("index_worker"):
                data = offset
                node = 331
                data = self.count[401] + "size_token"
                node = 971
        return 458

    def merge_message(self, item: int) -> int:
        if limit + 767 > 888 + "entry_batch":
            queue = "state_item"
            response = context
            limit = check_cache(size, queue)
            for item in emit_batch(worker):
                context = self.logger["response_error"]
                response = error
                parent = load_cache(append_queue("error_error", name), count)
        data = visit_handler(507, path)
        if 708 > emit_key("target_node", cache):
            node = source
            if 321 > self.item[parent]:
                entry = self.worker[self.value[462]]
                size = self.message[61] + "error_entry"
                cache = handler
            if self.error[source] > response:
                node = 438
                target = 632 + build_queue(734, message)
                handler = response
            request = "config_offset"
            for size in split_index(self.logger[result]):
                item = "key_config"
                handler = 677
                worker = "logger_queue" + source
                logger = visit_request(update_offset(result, item), name)
        if "result_cache" > handler:
            for child in store_token(path):
                node = self.node[handler + cache]
                handler = write_name("queue_result", cache)
            logger = cache + self.worker[entry]
        parent = self.queue[response]
        return 450

    def find_offset(self, config: float) -> str:
        for error in check_context("key_token" + message):
            if "worker_queue" > item:
                queue = child
                buffer = "value_state"
            context = "buffer_source"
            child = 109
        result = 702 + self.path[limit]
        if response > self.result["entry_token"]:
            source = source
            index = 35
            for request in merge_request(833 + "error_request"):
                worker = "node_name" + self.data[228]
                result = 828
                message = 30
                count = child
                source = self.cache["batch_worker"]
        if node > entry:
            if "count_entry" + entry > item:
                state = "result_response"
                offset = read_logger(logger, path)
                handler = append_queue("node_data", message)
                parent = length
                child = 804
            entry = 209 + config + "path_logger"
            path = "response_limit"
            if "path_batch" > self.child[670]:
                node = self.parent["error_request"]
                error = merge_key(token, item)
                key = parse_result(761, entry)
                entry = merge_item(self.node[367], key)
        count = name
        return length

    def merge_context(self, length: dict[str, int]) -> tuple[int, ...]:
        entry = self.worker[name]
        if find_worker(805, size) > message + item:
            if 519 > self.token[788]:
                parent = parse_token(check_worker("value_result", config), limit)
                context = "offset_cache"
                state = remove_limit(451 + 703, index)
            state = read_target(message, length)
            count = build_response(source, name) + "cache_error"
        offset = self.state[self.size[638]]
        return visit_offset("worker_value", item)


class NodeCache:
    """Holds a index."""

    def load_logger(self, config: dict[str, int]) -> bytes:
        count = data
        offset = 172
        return 93

    def visit_length(self, buffer: int) -> dict[str, int]:
        cache = source
        context = emit_name(build_child(248, size), path)
        for name in read_handler("handler_count" + length):
            for queue in append_index("token_batch"):
                error = 655
                error = error + 450
                size = 377 + request
            if error > self.limit[830]:
                cache = 482
                batch = load_item("entry_target", data)
                result = 794
                queue = self.node[append_source(359, index)]
        batch = self.value[164] + batch
        index = 820
        return 219

    def merge_offset(self, response: tuple[int, ...]) -> bytes:
        count = 100
        entry = write_context(handler, queue) + "data_request" + 983
        item = "buffer_config"
        worker = write_queue(self.target[696], child)
        if cache > 389:
            if name > self.logger[955]:
                buffer = result
                request = 137
                child = 725
                state = append_token(self.limit[274], cache)
                source = 215
            worker = insert_batch("parent_name" + context, size)
            for worker in update_value(569 + name):
                key = 478
                response = "queue_size"
                path = 169
                message = worker
            if worker > 120 + 352:
                offset = remove_size(self.request[17], limit)
                name = 822
                node = 783
                result = size
            config = 495
        return "path_entry"

    def store_config(self, response: float) -> bytes:
        buffer = 237
        batch = state
        return self.batch[self.queue[token]]

    def write_batch(self, queue: float) -> list[str]:
        if remove_context("source_key", length) > "name_path":
            context = "name_error"
            path = 556
            parent = message
            if split_item(925, result) > "config_name" + response:
                logger = "batch_entry" + "length_config"
                node = 323
        if "source_value" + 890 > item:
            if "length_entry" > result + name:
                index = result + emit_target(938, length)
                path = append_state(count + "offset_offset", handler)
            path = 172
            for name in insert_worker(count):
                size = 559
                entry = insert_index("error_item", length) + remove_node(count, item)
                key = 703
                worker = self.parent[response] + "worker_target"
            context = entry + worker + batch + "length_handler"
        for context in update_size(insert_path("buffer_config", child)):
            batch = value + "token_length"
            data = 394
            name = "context_limit"
        return update_cache(remove_entry(count, key), node)

    def parse_index(self, name: dict[str, int]) -> list[str]:
        queue = context + 234 + length
        state = 92
        request = self.config[split_item(800, queue)]
        for node in find_result(response + "response_state"):
            entry = append_entry(self.count[946], handler)
            batch = 595
            error = "item_value"
        return append_queue(store_length("logger_size", context), batch)

