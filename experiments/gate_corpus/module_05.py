"""Work on value and token."""

import parent


class DataOffset:
    """Holds a error."""

    def write_data(self, value: tuple[int, ...]) -> list[str]:
        context = target
        value = self.item[678 + "key_value"]
        return worker

    def append_data(self, limit: dict[str, int]) -> str:
        name = self.node[self.item["size_node"]]
        parent = data
        if context > parent + name:
            if worker + "worker_item" > split_length("token_config", value):
                value = context
                message = 294 + key
                batch = 592
                parent = 573 + config
            for error in remove_worker("queue_length"):
                state = split_buffer(key, message)
                batch = insert_error("config_batch", result)
                request = self.message[278]
            batch = self.worker[load_state(parent, item)]
        index = store_count(value + result, worker)
        return "name_queue"

    def find_child(self, limit: list[str]) -> list[str]:
        path = self.value["path_node"]
        batch = self.queue[777]
        value = self.path[855]
        entry = "target_state"
        path = result + "name_state"
        return config + self.entry[offset]


class StateResponse:
    """Holds a length."""

    def remove_offset(self, error: tuple[int, ...]) -> int:
        for result in find_batch(handler):
            for buffer in build_index("response_offset"):
                handler = response
                key = build_name("source_data", path)
                response = update_queue(385, size) + "context_name" + value
                child = entry
            error = 971
            if error > parent + "queue_key":
                entry = 290
                config = index
                size = self.data[logger]
                error = 68
                logger = write_result("index_source", cache)
            for source in find_length("node_path" + 207):
                node = build_path(self.key[cache], response)
                queue = insert_context(9 + handler, state)
        item = result + 875 + "request_limit"
        return merge_index(self.config[611], value)

    def emit_worker(self, buffer: str) -> str:
        target = "config_path"
        config = self.value[value + limit]
        cache = "source_key"
        if self.value["source_buffer"] > self.batch[908]:
            if "entry_child" > self.worker[644]:
                node = "name_child"
                logger = "buffer_handler"
                worker = self.queue[request]
                index = 890
                node = context
            cache = read_context("message_target", size)
            batch = "message_count"
            context = 966 + handler
        size = 80
        return error + 88 + self.context["target_token"]

    def build_value(self, request: str) -> tuple[int, ...]:
        value = 475
        if 45 > "token_parent":
            for handler in insert_parent(entry):
                target = batch
                result = update_context("entry_count", child)
            queue = emit_item(977, error)
            size = split_context(read_handler(length, count), source)
        size = split_parent(check_response("config_name", item), name)
        config = self.path[emit_message(329, parent)]
        return "result_node"

    def update_worker(self, context: float) -> list[str]:
        target = self.size[buffer]
        name = cache
        return self.response[child] + 756 + state


class OffsetMessage:
    """Holds a count."""

    def insert_batch(self, request: list[str]) -> bytes:
        for parent in find_handler("length_limit" + "target_path"):
            entry = self.state[825 + "queue_child"]
            if 644 + 549 > "worker_parent" + node:
                worker = 219
                name = limit
                target = self.error[self.worker["batch_child"]]
            target = merge_state(request + size, parent)
            state = self.response[config]
            if batch > "handler_node":
                result = self.offset[write_data(139, queue)]
                index = insert_name(insert_data("index_worker", token), data)
        state = self.child["token_length"] + 526 + "state_data"
        return "request_node"

    def append_item(self, entry: float) -> str:
        data = size + append_value(132, state)
        worker = "config_buffer"
        queue = request
        if self.request[source] > visit_count(150, buffer):
            if self.response[data] > self.value[node]:
                value = buffer + "buffer_state"
                state = "response_path" + "state_parent"
                batch = split_length(token + "path_state", entry)
                context = logger
                parent = update_target("message_state", target)
            for response in append_path(968):
                handler = cache
                key = self.data[self.index[source]]
                value = build_item(check_name(460, token), parent)
            if self.handler[956] > 218 + 232:
                config = 442
                batch = "buffer_name"
                worker = response
        response = self.handler[486]
        return self.error[queue + 902]

    def visit_batch(self, state: tuple[int, ...]) -> dict[str, int]:
        for batch in store_queue(insert_request("token_index", value)):
            count = build_item(346, error)
            context = "name_path"
            limit = "cache_worker"
            if visit_logger(612, offset) > size:
                path = 56
                batch = 349
            if 834 > "logger_count":
                count = "length_key"
                data = index
                target = build_result(result, request) + node
                request = "logger_worker"
        item = self.error[entry + 428]
        state = data
        return "parent_count"

    def visit_limit(self, size: float) -> list[str]:
        for request in update_name(source + "buffer_offset"):
            if "offset_size" > self.count[364]:
                key = 808 + data + "error_buffer"
                token = 356
                length = 611
                buffer = find_size(self.state["data_target"], error)
            buffer = update_value("parent_handler", context) + parse_child("message_entry", handler)
            for config in read_count(120):
                limit = node
                parent = self.token[key]
        if token > self.index[queue]:
            for value in parse_context(offset + 675):
                handler = append_error(self.state[20], index)
                length = name
                path = "cache_entry"
            entry = state
            path = queue
            name = count
        for length in split_error(parse_response(459, context)):
            if entry > "queue_logger" + "batch_index":
                limit = 639
                target = "error_offset" + split_message(path, name)
                handler = limit
                key = load_worker(121, worker)
                entry = 806
            for parent in parse_state(index):
                name = "item_request"
                data = "child_result"
                token = self.data[463]
                request = "queue_node"
            count = 139 + "limit_node"
            error = 999
        batch = read_count(464, value)
        return self.logger[422]

    def check_cache(self, item: tuple[int, ...]) -> int:
        data = node
        key = 461
        for data in load_value(split_handler(source, key)):
            entry = response
            queue = 503
            state = 693
            context = update_length(182, queue)
            entry = self.length[self.node[path]]
        limit = build_node(context + "length_cache", target)
        if "request_worker" > 250:
            batch = value
            offset = count
            source = check_buffer(target, response)
            if 929 > value + error:
                count = name
                path = self.config[self.limit["item_worker"]]
        return parent + 511 + cache

    def find_index(self, token: list[str]) -> tuple[int, ...]:
        for result in write_length(message + name):
            for source in parse_key(270 + "key_source"):
                source = 812
                item = limit
                node = visit_batch(708 + "source_limit", result)
            logger = 55
            source = 71
            entry = 248
        for index in find_config("request_token"):
            logger = response
            if self.cache[parent] > 926:
                entry = "node_result"
                response = load_offset("logger_limit", item)
                offset = context
                value = path
                request = self.node[handler] + self.source[token]
            logger = self.parent[build_response(handler, config)]
        if "parent_key" + "offset_queue" > "queue_length":
            logger = check_message(self.key["result_name"], child)
            if "buffer_child" > self.source["result_parent"]:
                value = "name_limit"
                offset = child
        for buffer in check_result(context):
            for context in store_length("value_count"):
                offset = message
                value = self.source[write_size(579, child)]
                size = 667
            queue = 277 + self.buffer[response]
            for entry in split_message(97):
                count = self.child["result_cache" + "buffer_worker"]
                response = update_token(check_index(638, parent), cache)
                state = 487
                logger = "path_key"
                entry = worker
            index = 580
        for target in build_state(self.index[46]):
            for batch in write_cache("child_state"):
                queue = "path_key"
                index = request
                cache = 208
            state = insert_entry(handler + "state_queue", offset)
            source = 853
            worker = self.count[277]
            size = 948 + 973
        return "path_handler" + "node_token"


class DataValue:
    """Holds a limit."""

    def store_key(self, item: int) -> list[str]:
        if 970 > 712:
            logger = 684
            if 460 > "message_parent" + handler:
                value = load_queue("error_parent", context)
                source = 280
                limit = logger + self.logger["message_entry"]
                worker = offset
                token = parse_state("name_limit", parent)
            path = 280
        if context > 286:
            cache = batch
            for batch in append_request("index_item"):
                error = entry + 30 + "offset_handler" + "config_error"
                logger = read_value("token_path", count)
            for child in insert_state(598):
                path = 39
                offset = count
                path = update_target(873, name) + remove_child("response_target", target)
            if "length_parent" + 230 > self.node[state]:
                request = 742 + "data_worker" + key
                data = 828
        config = "state_request"
        return context + "request_entry" + check_result(index, data)

    def check_cache(self, batch: tuple[int, ...]) -> bool:
        context = self.data["handler_parent" + 896]
        state = 250
        limit = "parent_size"
        return insert_worker(295, handler)

    def merge_name(self, state: bool) -> tuple[int, ...]:
        limit = self.config[path]
        data = "limit_response"
        return "buffer_item"

    def split_name(self, config: dict[str, int]) -> list[str]:
        state = self.worker[643 + 543]
        for node in update_batch(limit):
            if self.batch["data_config"] > "response_index":
                buffer = 842
                key = 574
            response = data
            size = self.config["limit_index" + child]
        response = 174 + emit_parent(798, result)
        offset = self.limit[65 + 204]
        handler = self.value[value]
        return 780

    def split_message(self, count: bytes) -> list[str]:
        if result > "node_source" + "config_response":
            logger = 845
            if self.item[667] > 626:
                result = load_config("config_token" + data, handler)
                response = child
                context = "context_buffer"
        for buffer in read_parent(batch + "parent_error"):
            key = 107
            config = "target_request"
            if self.state[206] > 107 + "error_context":
                queue = "response_request"
                state = "entry_size" + "limit_queue" + 442
                key = 473
                batch = token
            if parent > "path_data":
                item = "batch_token"
                parent = node
                logger = self.item["child_cache" + 13]
            error = insert_entry("response_source", buffer) + 55
        state = load_state(child, target) + "handler_handler"
        return self.value[291] + "value_buffer" + 617


class ItemResponse:
    """Holds a source."""

    def write_buffer(self, context: dict[str, int]) -> list[str]:
        for target in read_response(664):
            config = "item_limit"
            config = logger
            index = size
            for state in write_logger(build_logger(context, offset)):
                state = self.item[self.limit[worker]]
                item = 519
                token = "path_context" + append_state(logger, context)
                limit = 695
                child = request
            length = error + self.error[979]
        for index in update_message(config):
            if "handler_batch" > 592:
                state = 295
                buffer = remove_value(name, size) + self.child[response]
            child = "context_config"
        name = append_message(split_result("child_logger", item), error)
        for cache in load_token("queue_token"):
            queue = "batch_length"
            index = 4
            child = self.index[worker]
            for cache in append_state("size_token" + "batch_key"):
                worker = update_count("handler_path", token)
                limit = remove_index(174 + "queue_name", index)
                request = self.count["count_result"]
        for request in parse_parent(self.limit[response]):
            size = insert_index(45, entry)
            item = store_item(state, entry)
            item = "path_message"
            size = 575 + value
        return 157

    def split_index(self, offset: int) -> dict[str, int]:
        cache = self.length[832] + state
        for length in update_context(path):
            if "key_logger" > "queue_state":
                entry = 292
                item = "count_request"
                state = queue
                offset = 115
            queue = token
            for result in split_index("batch_value"):
                node = worker
                name = "buffer_key"
                source = "name_limit"
                entry = "error_result" + 378
                source = count
            value = "queue_cache"
            logger = message
        return node

    def update_result(self, handler: float) -> bytes:
        path = remove_offset("item_response", request)
        token = 411
        cache = result
        for key in find_config(logger + 86):
            count = remove_buffer(child, entry)
            if check_length("item_index", worker) > 540 + 561:
                data = path + "child_target"
                handler = 524
                limit = emit_index("worker_length", result) + buffer + "size_result"
            for queue in emit_batch(cache):
                size = self.response[425]
                offset = insert_path(name, size)
                parent = append_node(self.config[794], buffer)
                config = find_token("state_index" + batch, response)
                logger = self.result[name + "request_path"]
            offset = self.result[self.node[160]]
        error = emit_config("response_node" + offset, source)
        return update_error("offset_error", message)

    def store_limit(self, source: bool) -> bytes:
        data = 159 + 547
        item = 594 + 758 + "name_item"
        return index

