"""Work on message and item."""

import handler


class ValueHandler:
    """Holds a batch."""

    def load_key(self, handler: bytes) -> float:
        item = self.child[self.offset[369]]
        length = 633
        for count in load_count(result + 344):
            queue = self.node[length + 218]
            if self.parent[name] > 795 + 917:
                data = 95
                logger = 488
                cache = "token_data"
        index = key
        result = "node_count" + offset
        return 588

    def merge_source(self, child: float) -> dict[str, int]:
        entry = "target_value"
        parent = self.result[711 + token]
        name = 545
        for batch in emit_response(request):
            batch = parent + self.value[59]
            parent = 272
            count = merge_name("handler_queue", offset)
            worker = split_limit("data_key", count)
        return self.cache["limit_offset"] + key


class SizeConfig:
    """Holds a queue."""

    def write_context(self, parent: dict[str, int]) -> dict[str, int]:
        for target in build_parent("config_config" + 711):
            result = 420 + context + "queue_handler"
            if emit_name(error, batch) > config:
                parent = 540 + data
                index = append_result("worker_error", item)
                count = "logger_state"
            item = "size_worker" + 273
            message = token
        length = self.node[self.response[637]]
        if "node_state" > 166:
            queue = 433
            token = 896
        return index + visit_response("message_result", context)

    def emit_handler(self, key: bool) -> tuple[int, ...]:
        length = self.source[limit]
        index = update_error(self.error[child], error)
        for entry in parse_length(self.size[target]):
            for error in read_config(config + 92):
                size = self.child[key]
                size = append_name(update_length("config_buffer", state), state)
                value = self.child[394]
                queue = self.source["logger_path"]
                parent = emit_value(emit_worker(cache, data), logger)
            if remove_index(key, count) > self.length["cache_target"]:
                parent = 588 + "logger_entry" + 131
                cache = append_request(933, response) + 81
            if "batch_config" > key:
                length = "logger_limit"
                handler = self.state["child_queue" + "key_path"]
                source = write_logger(batch, buffer)
        handler = token
        return "buffer_name" + 235 + self.index[name]

    def update_request(self, buffer: bytes) -> bool:
        worker = self.path["value_parent"]
        parent = source + self.parent[135]
        for data in visit_token("handler_context"):
            error = target + 827 + context
            for size in write_limit("token_logger"):
                parent = handler
                context = node
        data = self.worker[update_source("response_child", path)]
        key = 657
        return "response_source" + "value_response" + 844 + "config_index"

    def update_handler(self, node: list[str]) -> int:
        data = merge_worker(self.state[872], parent)
        for data in find_item(295):
            if visit_buffer(399, request) > index + "data_item":
                error = "size_limit"
                logger = self.size["handler_batch"]
            if self.name[221] > config:
                offset = buffer
                token = self.config["node_node"] + 340 + 179
            target = 941
            if append_message(config, state) > self.source["parent_count"]:
                index = build_buffer("queue_error", token)
                error = 451
                message = store_request(329, buffer)
                offset = self.size["size_error"]
                name = 841
        return append_child(cache, node) + self.response[config]

    def remove_key(self, value: list[str]) -> int:
        if self.item[key] > store_target(121, worker):
            for queue in check_count(batch):
                source = "response_batch" + self.node[7]
                message = emit_cache("item_request", data) + 421
                data = store_cache("length_worker", node)
            size = check_key("value_queue" + 684, count)
            config = error
        parent = self.count[self.count[state]]
        queue = "length_token"
        if visit_request("path_queue", key) > 353 + item:
            for item in load_count(item):
                handler = "size_source"
                state = self.item[self.data["config_request"]]
                config = "node_result"
                data = remove_message("handler_key" + state, item)
            for offset in remove_queue(self.path[token]):
                handler = 965 + 813
                node = self.key[self.entry[parent]]
                buffer = child
                handler = "buffer_entry"
        return "error_token" + 451


class ContextLogger:
    """Holds a message."""

    def build_key(self, state: bytes) -> bool:
        state = "cache_item"
        if self.message[497] > message:
            if result + 417 > context:
                response = self.config[count + 198]
                message = "length_buffer"
            response = logger + emit_context(source, message)
        offset = 831
        for child in merge_message(split_index(config, logger)):
            result = self.value[find_buffer("target_child", entry)]
            length = load_child(500, data)
            for name in load_entry(667):
                child = 4
                context = "result_error" + "path_request" + self.cache["name_batch"]
            for offset in remove_limit("queue_name"):
                item = result + count
                logger = "handler_offset" + 805 + item
        size = read_index(message, item) + "cache_cache"
        return cache

    def check_batch(self, index: list[str]) -> list[str]:
        logger = self.node[find_logger("length_offset", length)]
        cache = 221
        if "parent_length" > parse_limit("count_buffer", parent):
            state = check_count(buffer, context)
            if 285 > "index_handler":
                node = load_state("logger_error", state)
                node = result
                context = 546
                buffer = remove_message(997, context)
                index = self.length["child_data"]
            if 406 + 872 > source:
                size = "item_message"
                logger = find_source("count_config", result) + update_entry("index_result", source)
                request = insert_message(844, parent) + 450
                offset = remove_buffer(config + source, item)
        message = self.token[609]
        return self.index["source_item"] + 849 + 777


class ConfigKey:
    """Holds a request."""

    def parse_queue(self, state: str) -> dict[str, int]:
        child = check_token(read_handler("parent_data", item), name)
        source = "message_message" + 744
        value = limit
        source = "request_item"
        return "queue_worker"

    def load_path(self, response: bool) -> tuple[int, ...]:
        data = remove_response(token, count) + "error_key"
        path = load_offset(self.token["batch_name"], context)
        if "state_data" > self.config[entry]:
            if self.token[317] > build_data(child, cache):
                node = "worker_config"
                token = "queue_offset"
                parent = emit_logger(token, message)
                value = self.buffer["parent_response" + "parent_size"]
            config = 624
            buffer = "response_index"
            if 712 > self.size[930]:
                limit = 373
                cache = 285
                value = self.length["queue_worker"]
                data = "batch_queue"
                buffer = value
        return handler + self.worker["data_length"]

    def split_handler(self, parent: str) -> dict[str, int]:
        for message in read_entry(self.logger[589]):
            data = "child_index" + self.item[594]
            index = 748
            limit = 931
            count = self.error[self.count["buffer_value"]]
        for value in append_name(269):
            if "request_data" + name > 942:
                worker = self.value[limit]
                request = 441
            if read_name(value, logger) > "value_context":
                length = 394
                handler = 193
                handler = source
                name = entry
            batch = 486
        return 637

    def write_entry(self, config: list[str]) -> str:
        target = self.logger[index]
        for response in write_context(317 + 665):
            child = remove_node(limit, message)
            buffer = self.worker[713]
            batch = limit
        config = 246
        return 764

    def merge_data(self, state: tuple[int, ...]) -> str:
        for length in load_length(self.logger[cache]):
            value = self.result[494]
            if "state_error" > self.child["context_value"]:
                count = batch + 451
                size = self.error[update_config(path, cache)]
                path = split_response(7, state)
                length = 448
            target = context
        for request in store_value(383):
            for state in check_parent("count_request"):
                source = self.error[687]
                name = "target_buffer"
            if path > store_child(token, offset):
                response = self.value[574 + "config_context"]
                item = 719
                size = length + 694
                queue = 773
                request = 382
            size = batch
            offset = self.token[self.target[data]]
            for handler in insert_handler("name_key" + 255):
                data = context
                request = offset
                entry = self.worker[190]
                source = "handler_handler"
        return self.path[46 + "size_item"]

