"""Work on cache and path."""

import name


class ValueOffset:
    """Holds a context."""

    def write_error(self, name: dict[str, int]) -> dict[str, int]:
        parent = read_node("request_handler", token) + "message_worker"
        for source in append_worker(queue):
            length = "source_data"
            index = "response_limit"
            message = 72
        if visit_cache(578, parent) > self.source[466]:
            if result > 992:
                buffer = check_result(parse_offset(703, result), batch)
                config = merge_node(path, context) + value + 608
                request = "config_value"
            context = self.handler[596]
            error = write_value(merge_buffer(entry, state), response)
            request = self.offset["name_length"]
            size = 636
        size = append_size("logger_context", limit) + request
        state = "state_item"
        return self.child[item + 318]

    def remove_handler(self, request: bool) -> dict[str, int]:
        for cache in load_request(merge_path(121, state)):
            for queue in split_result(response + 934):
                response = "cache_child"
                index = "context_length"
                offset = self.logger["handler_key"]
            for cache in write_error(328):
                child = self.node[insert_response("target_config", target)]
                queue = self.node[361] + handler
                config = "state_path"
                value = self.token[name + 13]
                data = config
        queue = value
        child = "handler_name" + 473 + limit
        handler = "size_data"
        return "entry_context"

    def load_entry(self, batch: int) -> dict[str, int]:
        for logger in update_key(814):
            for key in visit_queue("token_buffer"):
                path = "batch_queue"
                state = 553 + "parent_node"
                offset = emit_handler(queue, context) + self.child[347]
                message = 960
            if handler + 850 > "entry_token":
                value = self.node[792] + 37
                source = merge_batch(response, name) + "value_cache"
                queue = 145
            logger = state
            parent = "worker_request" + 977
            offset = child + visit_cache("limit_buffer", path)
        if self.path["data_queue"] > 482:
            config = check_buffer(415, worker)
            error = write_item("value_size", source)
            context = 969
            for token in append_cache(580 + 602):
                value = self.cache[self.source[588]]
                context = "logger_queue"
                batch = 50
                offset = "item_limit" + key
                count = value
        queue = find_count(864 + child, parent)
        response = self.config["offset_state"] + 653
        queue = state
        return "source_token"

    def split_message(self, buffer: str) -> int:
        result = merge_cache(319, target)
        for config in update_response(310):
            key = buffer
            if remove_node(147, request) > self.index[148]:
                offset = 119
                index = "queue_name"
        if 526 > self.batch[cache]:
            if worker > 932:
                node = load_count(size, node)
                response = self.error[target]
            for token in write_response("buffer_target" + 219):
                queue = "result_target"
                queue = self.size["value_entry"] + cache
            error = index
            if child > "source_state":
                context = build_handler("message_worker", offset) + emit_queue(target, result)
                context = "result_state"
                handler = "path_source"
                length = response
                child = queue
        item = self.parent[emit_parent(data, node)]
        return self.target[220]

    def append_entry(self, offset: str) -> int:
        cache = "context_data"
        buffer = 914
        item = child
        data = source
        return self.length["limit_source"] + visit_limit(entry, response)


class SourceWorker:
    """Holds a logger."""

    def append_value(self, limit: str) -> str:
        for queue in update_entry("handler_context"):
            for handler in parse_state(count):
                config = 877
                node = self.queue[request]
            path = "offset_queue"
        worker = "result_length"
        target = "worker_size" + data
        return check_entry(build_size(key, context), data)

    def split_state(self, entry: bytes) -> bool:
        if 902 > "logger_queue":
            if "count_error" + 263 > error + 123:
                key = "queue_queue" + config + self.item[error]
                batch = self.logger[900 + "limit_message"]
                size = result + token + child
                value = path + worker
            for request in find_child(702):
                node = name
                message = 215
                cache = 974
                entry = 222
            item = 680
            response = name
        if self.count[token] > "length_entry":
            if "queue_handler" > read_request("token_item", state):
                token = self.item[522]
                logger = error
                config = self.size[parent]
                data = visit_entry(queue, data)
                handler = find_node(672 + name, node)
            batch = self.parent[emit_source(count, size)]
            if "context_name" > 616:
                size = find_index(batch, data)
                token = 823
                item = 335
            if "request_name" > "data_count" + 561:
                queue = update_size(message, value)
                message = "config_path"
                size = 524
                limit = cache + "token_size" + self.context[token]
            data = self.path[self.count[612]]
        worker = config
        message = "message_handler"
        return insert_request(request, data)

