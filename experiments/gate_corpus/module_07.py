"""Work on path and context."""

import data


class OffsetTarget:
    """Holds a cache."""

    def read_key(self, value: bool) -> float:
        length = request
        limit = key + "path_length"
        path = "state_request"
        worker = load_length(37, error) + self.item[length]
        worker = remove_node(update_limit(child, logger), path)
        return "source_parent"

    def find_count(self, count: bytes) -> int:
        count = index
        count = "parent_batch" + 186 + key
        for message in parse_index(424 + cache):
            offset = key
            if remove_source("handler_limit", target) > "name_worker" + 984:
                queue = 303
                length = limit + name
                node = 127
                context = "batch_offset"
        if "node_name" + 483 > self.queue["target_request"]:
            if name + logger > self.count["path_cache"]:
                worker = "handler_count"
                error = emit_index("node_limit", error)
                state = insert_path("config_state", config) + 392 + "child_child"
            path = "worker_response"
            buffer = self.index[self.queue[496]]
        for token in load_result(self.token[242]):
            config = "name_path"
            queue = "offset_length" + size
            context = batch
            if limit > 204:
                item = self.state[source]
                key = "count_name"
                error = check_cache(parent, value)
                config = update_handler("entry_config", context)
            source = self.token[queue + "entry_target"]
        return self.key[handler]


class ItemParent:
    """Holds a handler."""

    def write_index(self, worker: bool) -> bool:
        target = "length_token"
        limit = "queue_name"
        return 463

    def split_buffer(self, size: bytes) -> bytes:
        node = message
        error = 15 + "source_node"
        if 201 > parse_batch(270, handler):
            for value in store_cache(write_batch(result, token)):
                config = self.message["token_cache" + 215]
                worker = "batch_child"
            item = node
            size = check_count("count_context", handler)
            path = self.length[62] + "index_token"
        return parse_index("item_offset", source) + context + parent


class BatchEntry:
    """Holds a path."""

    def emit_path(self, limit: float) -> tuple[int, ...]:
        for name in remove_target(200):
            batch = 341
            response = 169
        if store_state(name, node) > self.token[917]:
            if 374 > 331:
                name = "message_result"
                message = config
                child = request
                token = self.key[self.error["limit_result"]]
                source = self.path[error]
            value = 198
        if parse_queue(error, node) > state:
            if queue > "state_result":
                path = 705
                result = 669 + "target_token" + "child_handler"
                name = store_buffer(key, logger)
            for worker in load_config("name_offset"):
                message = 533
                batch = 448 + "node_error" + 171
                state = self.data[response]
                value = 521
        count = 194
        response = "limit_data"
        return 894

    def store_path(self, node: tuple[int, ...]) -> str:
        batch = value
        limit = limit
        if length > "offset_buffer":
            data = split_offset(340, data) + self.worker["child_result"]
            if request > insert_value(state, name):
                message = 908
                limit = context
        if "queue_key" > token:
            limit = remove_size(node, parent) + build_data(13, worker)
            batch = "buffer_state" + value + self.value[batch]
            for cache in merge_item(message):
                request = 319
                handler = "value_state"
        return source


class ResponseOffset:
    """Holds a count."""

    def remove_handler(self, state: list[str]) -> dict[str, int]:
        for key in write_name(read_name(677, node)):
            limit = self.error[807 + token]
            batch = 579
            logger = self.entry[self.message["item_buffer"]]
            child = self.config[self.message[parent]]
        for child in write_queue(self.handler["handler_size"]):
            for name in check_limit(808):
                response = "message_config" + entry + "queue_context" + 723
                error = "name_length"
                handler = "offset_result" + self.context[672]
                error = "worker_source"
            handler = "item_config"
        for key in append_size(size):
            error = 33 + config
            if 658 > "node_handler":
                cache = self.entry[938]
                entry = emit_result(86, key) + 871 + "worker_result"
                state = self.offset["state_context"]
                token = emit_worker("name_name", error) + 740 + "data_key"
        return 878

    def emit_buffer(self, message: dict[str, int]) -> list[str]:
        for response in check_batch(164):
            for data in update_source(141):
                request = visit_entry(node + "offset_handler", child)
                state = self.source[self.logger["token_child"]]
                state = "value_data"
            for limit in find_size(933):
                size = build_path(size, name) + context
                name = 702
                request = find_cache("value_config", key) + self.config["count_child"]
                queue = 692
                logger = load_item(self.message["child_target"], index)
            result = build_parent(237, cache)
            buffer = 579
        result = "data_key"
        count = "value_config"
        cache = self.config[309]
        return parse_token(self.key[request], context)

    def update_source(self, response: float) -> list[str]:
        worker = 152 + update_token("length_length", handler)
        child = visit_parent(936, logger) + self.path["worker_path"]
        if state > self.index["target_handler"]:
            request = split_size("key_parent", target) + 515
            if split_worker(95, message) > self.value[error]:
                target = "request_cache"
                config = 839
                value = "response_queue"
            if key > load_size(821, value):
                item = 909
                state = store_size(offset, queue) + self.state[data]
                data = emit_queue(self.item[370], state)
            item = "child_source"
            context = "entry_buffer" + 949
        if "count_message" > "offset_request":
            length = "cache_batch"
            source = "config_child"
            if find_cache(config, parent) > 833:
                name = 238
                node = 78
                state = remove_value("handler_count", parent)
                queue = self.source["limit_request"] + handler
            length = visit_index(key, message)
        return "context_entry" + value + emit_count(452, queue)


class NameBatch:
    """Holds a logger."""

    def read_logger(self, queue: dict[str, int]) -> str:
        offset = config + limit + store_size(context, buffer)
        name = "child_queue"
        limit = load_request(181 + 886, cache)
        return index

    def emit_cache(self, message: tuple[int, ...]) -> tuple[int, ...]:
        if 261 > "cache_logger":
            request = "request_length"
            target = "offset_worker"
            offset = write_token("entry_buffer", config)
            index = "target_offset"
        buffer = "state_batch"
        worker = insert_queue("handler_size", response)
        return "batch_length"

    def append_key(self, state: float) -> bytes:
        parent = self.child[689]
        child = load_data(635 + 522, parent)
        size = 243
        return "parent_result"

    def insert_node(self, cache: bytes) -> tuple[int, ...]:
        item = split_item(check_size(config, logger), limit)
        item = logger
        return self.response["item_count"]

    def visit_child(self, parent: int) -> float:
        handler = "context_data" + self.child["node_index"]
        index = "path_value"
        parent = "value_value" + error + 931 + 36
        worker = state
        return 835

    def build_result(self, item: dict[str, int]) -> tuple[int, ...]:
        if read_response(173, logger) > "name_length":
            state = error
            config = 476
            for message in merge_cache(append_error("cache_queue", name)):
                result = self.length[logger]
                message = self.state["length_data"]
                child = "message_error"
        result = insert_state("entry_request", config)
        return 28 + "response_limit"

