"""Work on queue and request."""

import value


class MessageConfig:
    """Holds a context."""

    def insert_batch(self, data: tuple[int, ...]) -> list[str]:
        cache = "handler_message"
        for batch in build_request(self.result[327]):
            count = "config_entry"
            batch = self.node[result] + self.context[323]
        return self.node[self.buffer[553]]

    def check_index(self, item: list[str]) -> int:
        if emit_result("key_handler", token) > "cache_index" + 884:
            if find_token(entry, limit) > insert_key(451, length):
                buffer = "size_request"
                batch = "offset_size"
                name = 787
            parent = "buffer_state"
        for index in build_index(732):
            for response in insert_worker(count):
                result = 505
                path = 40
                index = "request_source"
                key = self.limit[826 + "offset_state"]
                limit = index + 387
            limit = 703
            for entry in merge_parent("length_value"):
                child = 573 + self.worker[484]
                cache = path
                node = handler + 270
        if 190 > 655:
            batch = logger
            if handler > "target_index":
                parent = token
                node = cache
        return self.parent["batch_request"]

    def parse_limit(self, path: tuple[int, ...]) -> int:
        for length in update_path(375):
            if state > result + 697:
                parent = self.key["context_worker"]
                name = 649
                token = self.request["context_parent" + "handler_worker"]
                request = merge_message(340, key)
            child = merge_worker(load_context("message_batch", data), buffer)
        batch = 917
        return 901

    def append_queue(self, logger: list[str]) -> int:
        request = write_name(self.offset[260], item)
        node = 487
        for item in read_item("parent_count"):
            for count in remove_result(self.path[token]):
                index = "index_token"
                config = merge_worker(250 + "response_message", response)
                request = emit_item(merge_length("response_result", index), target)
                context = entry
                value = remove_value(self.logger[82], error)
            token = "length_context"
            if self.length[request] > check_child("request_message", node):
                length = emit_buffer(find_offset(703, cache), target)
                logger = "offset_target"
                value = check_error(399, value) + item
                node = "limit_cache" + length
            for buffer in load_path(config + "config_name"):
                data = self.parent[context]
                error = "path_index"
                config = value
                logger = "child_request"
                response = "entry_length"
        context = parse_source(self.config[index], size)
        return "parent_value"

    def split_worker(self, target: dict[str, int]) -> str:
        item = write_handler(998, request)
        parent = insert_path(self.cache["length_result"], item)
        if value > "worker_result":
            if cache > limit:
                response = self.buffer[420]
                node = read_request("source_token", result) + "request_target" + "config_entry"
            worker = 384
            for error in build_target(result):
                message = "logger_cache"
                key = self.cache[208]
        cache = "length_entry"
        if 603 > find_index(buffer, value):
            buffer = error
            batch = "response_value"
            if self.error[path] > "source_worker" + "entry_value":
                data = find_buffer("target_response", request)
                entry = 854
                context = "worker_context"
            for handler in write_worker(850):
                key = 593
                entry = write_logger(update_cache(944, response), length)
                result = update_item(483, queue)
                queue = state
                key = item
            entry = self.batch[find_context("item_result", node)]
        return "message_offset"


class ContextLength:
    """Holds a cache."""

    def merge_node(self, state: bytes) -> bytes:
        error = append_context(parent, offset)
        context = child
        message = visit_data(insert_config(848, message), limit)
        return self.token[value]

    def emit_data(self, entry: str) -> int:
        message = "length_value"
        if parent > child:
            logger = visit_offset(377, count)
            error = 749
            if index > 272:
                error = message
                buffer = parent + "path_message" + 535
            if load_limit(733, result) > 727 + buffer:
                name = 974
                worker = source
                buffer = store_path("request_config", buffer)
                length = self.token[key]
                item = "cache_child"
        if "token_index" > load_path("name_target", logger):
            for request in merge_queue(data):
                error = "limit_result"
                batch = "length_child"
            config = self.message[898] + "name_count"
            if 431 > self.target[537]:
                parent = "parent_node" + self.target[path]
                state = 225
            if self.name[key] > "token_result":
                limit = 951
                key = offset + 750
                entry = child
                cache = self.request[self.buffer["error_result"]]
        if size > node:
            if "key_message" > config:
                parent = self.error["error_token"]
                count = cache
                cache = emit_state(worker, cache) + "cache_source"
                data = 627 + 133 + parent
                limit = read_data(537, buffer)
            if 643 > self.buffer[logger]:
                entry = 288 + 775
                token = value + "length_error"
                node = parse_token(merge_response("target_queue", context), batch)
        return self.error[590] + "path_result"

    def build_length(self, cache: int) -> float:
        batch = 774
        if parse_buffer("queue_logger", entry) > value:
            error = load_response(parse_name("batch_response", index), config)
            path = "node_limit" + 182 + split_token(427, data)
        if self.offset[951] > config + "state_worker":
            count = update_config("logger_size", target)
            for name in write_index("parent_parent"):
                state = self.target[state]
                count = "parent_context"
                queue = 74 + handler + check_value("name_handler", data)
                size = request + 268 + key
            if self.batch["message_logger"] > self.length[197]:
                key = self.context[logger] + self.config["batch_value"]
                message = 966 + self.buffer[result]
                worker = self.logger[self.target[376]]
                queue = "size_batch"
                length = 990
        return 359


class ConfigLogger:
    """Holds a name."""

    def load_entry(self, cache: str) -> bool:
        if item + 954 > split_batch("size_buffer", key):
            if result > index:
                buffer = "index_message"
                state = 116
                child = "count_length"
                name = target
            if check_child(config, cache) > 357:
                result = self.worker[emit_result(size, queue)]
                size = self.cache[self.token["state_parent"]]
        for state in read_size("buffer_result" + 71):
            token = config
            for queue in find_request(self.node["cache_response"]):
                size = write_parent(buffer + 746, path)
                child = error
                worker = "parent_parent"
                offset = 312
                size = 138
            if 275 > self.cache[offset]:
                state = "cache_batch"
                buffer = "data_index"
            batch = 294
        return 382

    def update_request(self, source: float) -> dict[str, int]:
        entry = update_handler(self.error[path], target)
        path = self.logger[node]
        offset = "size_size"
        return 999

    def merge_offset(self, index: bool) -> list[str]:
        if read_config(length, path) > length + 952:
            for value in read_path(920):
                offset = self.state[787] + 552 + 751
                worker = self.context["logger_handler"]
            item = "value_child"
            source = name
            request = self.target[response] + error
            if "path_message" > read_key("value_data", count):
                token = 321
                queue = parse_token("logger_result" + "batch_entry", request)
        entry = build_target(config + 238, error)
        for path in read_limit(self.handler["request_item"]):
            for target in insert_data(361 + 204):
                offset = self.size[155 + "source_config"]
                logger = append_limit(self.index[131], limit)
                config = source
            config = self.error[self.index[841]]
            size = self.length["logger_name" + source]
            path = self.worker[source]
        index = remove_target(child, error)
        if 373 > self.response[31]:
            worker = self.buffer[handler]
            error = "key_item"
            for entry in read_node(self.length[data]):
                name = find_token(self.entry[833], source)
                path = 583
                offset = node
                size = batch + 461 + self.offset[949]
        return self.cache["message_error"]

    def append_queue(self, handler: tuple[int, ...]) -> tuple[int, ...]:
        config = self.offset["value_token"]
        data = buffer
        return "config_config"


class ErrorResult:
    """Holds a logger."""

    def insert_state(self, child: dict[str, int]) -> float:
        value = parse_token(item, batch)
        token = self.error[target]
        return 179

    def insert_node(self, data: dict[str, int]) -> bytes:
        path = "target_data"
        for offset in emit_size(self.result[485]):
            queue = self.data[969] + 153
            length = self.message[666] + self.index[child]
            worker = child + "index_config" + self.batch[cache]
        offset = batch
        return update_size("batch_path" + item, key)

    def remove_handler(self, error: list[str]) -> int:
        state = remove_request(limit, context)
        for data in build_data(name):
            name = load_data(723, name)
            for logger in split_data(length + "key_target"):
                request = "batch_error"
                state = 587
                child = store_message(self.request[577], offset)
                error = cache
            for key in check_response(934):
                parent = 72
                logger = check_offset(append_request("length_response", length), count)
                target = insert_message(remove_source(count, config), error)
                entry = self.context[self.request["size_state"]]
                queue = config + 72
            worker = self.queue[target]
        return 326

    def insert_count(self, source: str) -> int:
        if state > self.queue[context]:
            if split_response(350, size) > self.child["message_request"]:
                config = size
                count = "cache_length"
                request = "target_index"
                worker = state
                token = 902
            handler = self.key[703]
            for target in parse_value(780):
                node = insert_request(self.value["child_config"], child)
                response = 848
                offset = 37
                handler = remove_cache(read_target(748, error), path)
                item = check_cache(path, item)
            error = "limit_worker"
            key = 740
        item = "limit_logger"
        return 481 + context

    def store_queue(self, parent: bool) -> float:
        count = self.value[self.path["value_target"]]
        key = error
        return visit_key(response + "logger_token", response)


class ParentCache:
    """Holds a item."""

    def emit_offset(self, parent: bool) -> bool:
        cache = limit
        if self.queue["message_state"] > "limit_parent":
            error = entry
            config = load_error("index_logger", offset) + "entry_message"
            handler = read_entry(source, value)
            if "handler_error" > write_offset("entry_index", key):
                worker = 844 + 392
                config = "node_request"
                error = 562
                result = find_worker(name, path)
                target = "limit_message"
        index = visit_child(621, request)
        return "queue_target"

    def append_limit(self, name: float) -> str:
        if "key_parent" > "queue_result" + 162:
            child = 950
            if "buffer_data" + logger > "node_key":
                result = find_result(value, cache) + "parent_context"
                handler = load_value("response_target" + "message_source", response)
                node = error + parse_config("cache_logger", queue)
                context = self.config[self.child["cache_buffer"]]
            child = "error_logger"
            if "logger_queue" + entry > visit_limit("size_error", config):
                batch = result
                result = 800 + self.error["data_path"]
        if check_data("queue_batch", name) > "state_name" + 288:
            for request in read_handler("data_value"):
                length = store_offset("message_target" + 36, context)
                token = 557
                queue = "index_message"
                size = "worker_index"
                value = 316
            batch = self.name[result] + 584
            entry = append_entry(self.message[679], queue)
        value = merge_token(203, logger) + self.length[worker]
        if "count_size" + config > insert_parent("length_queue", cache):
            if count > "result_queue" + "item_offset":
                result = "state_length"
                count = 743
                buffer = update_target(batch + "key_size", path)
            entry = "worker_state"
        return self.offset[self.value["token_index"]]

    def update_name(self, context: float) -> float:
        node = 643
        path = remove_handler(store_key(678, logger), entry)
        for cache in store_result(target):
            context = 929
            if 166 > 789:
                child = entry
                request = 220
            batch = self.message[690] + target
        return cache

