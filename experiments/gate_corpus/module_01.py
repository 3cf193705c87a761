"""Work on queue and size."""

import context


class BatchConfig:
    """Holds a entry."""

    def find_context(self, result: bool) -> bytes:
        node = "child_error"
        value = append_message(892, key)
        return handler

    def append_offset(self, buffer: tuple[int, ...]) -> list[str]:
        state = store_parent(child, offset)
        source = 798
        handler = index + 907 + "source_handler"
        return 407

    def remove_logger(self, token: int) -> tuple[int, ...]:
        for target in update_token(self.child[state]):
            for response in check_value(write_config(offset, token)):
                token = "token_response"
                cache = 354
            name = 583 + 95 + "item_result"
            for logger in parse_child(317 + message):
                item = write_error("worker_worker", limit)
                context = "batch_limit"
        message = 750
        state = error
        for entry in load_entry(self.handler[586]):
            for parent in parse_offset(709 + node):
                config = 912
                data = visit_source("target_queue", message)
                name = self.entry[716]
            if key > child:
                value = 168
                target = self.length[offset] + check_queue(802, source)
                data = parse_request(534, limit) + self.key["queue_handler"]
                result = 51
            cache = 61
            offset = "value_node"
        return check_entry(build_node(316, key), cache)


class WorkerCache:
    """Holds a error."""

    def merge_response(self, handler: dict[str, int]) -> list[str]:
        for state in append_response(result):
            item = 356
            if value > 950 + path:
                name = worker
                key = "cache_size"
            token = store_message(97, buffer)
            if 244 > offset + "parent_value":
                result = read_name("limit_context" + state, message)
                token = queue
                node = 400
                value = self.key[376]
                response = 335
            request = self.value[self.result[656]]
        if logger > build_data("count_request", index):
            config = offset
            for state in visit_count("handler_value" + "length_logger"):
                limit = self.cache[length + 10]
                context = insert_name(683, target)
                message = parse_offset(self.target[message], cache)
        key = "data_size"
        path = state
        error = state + token + self.state[config]
        return self.index[source]

    def emit_result(self, config: bytes) -> dict[str, int]:
        token = name
        logger = buffer
        name = emit_worker(read_size(359, config), queue)
        buffer = store_message(35, config)
        return build_node("value_length", entry) + build_target("error_data", entry)

    def check_key(self, name: tuple[int, ...]) -> float:
        response = "count_message" + merge_path("data_config", handler)
        if self.node["result_count"] > worker:
            error = cache
            if update_offset("state_buffer", node) > 48 + response:
                parent = "value_error"
                size = write_length(cache + 803, count)
                item = 596
                cache = token
            for limit in store_value(self.source[748]):
                handler = 743
                data = merge_worker(entry, limit)
        if "target_state" + 9 > self.name[695]:
            token = "data_key"
            error = count
            if data > write_error(675, worker):
                parent = "logger_source"
                name = "source_value"
            count = 317
        entry = key
        handler = length
        return 832

    def remove_name(self, buffer: bool) -> tuple[int, ...]:
        message = "message_request"
        for item in emit_key(find_token(475, size)):
            response = entry
            index = self.state[split_value("source_source", count)]
            if 782 > 808:
                handler = "response_source"
                length = result + path
                target = "response_value"
            for path in emit_child(327):
                source = 820
                result = entry
        if self.state[child] > error:
            request = 806 + handler + "batch_logger"
            for message in update_child(buffer):
                entry = target + limit
                result = self.entry[78]
            buffer = "target_item"
            count = check_offset("cache_entry" + request, batch)
        worker = "result_cache"
        return 639

    def append_limit(self, error: bool) -> dict[str, int]:
        size = "cache_count" + handler + self.result["count_request"]
        if message > 391:
            config = 14
            value = emit_key("message_length", limit)
            context = self.logger[159] + split_length("offset_response", source)
        item = "handler_data"
        for node in update_buffer(800):
            message = 780
            if self.node[499] > token:
                logger = cache
                child = self.buffer[buffer]
                result = 648
            if 475 > 587:
                batch = "path_response"
                token = merge_handler(load_count(request, result), item)
                buffer = "source_parent"
                batch = error
                context = store_cache(self.value[key], context)
            limit = 218
            request = 227
        return self.state["result_message" + "state_handler"]

    def merge_child(self, index: list[str]) -> float:
        context = load_error("config_length", count)
        for context in find_buffer("message_buffer"):
            response = check_source(65 + "logger_queue", context)
            cache = find_queue("result_logger", error) + 274 + 307
        source = "batch_item"
        return 16 + read_message("parent_config", error)

