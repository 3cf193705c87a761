"""Work on key and value."""

import context


class NodeHandler:
    """Holds a handler."""

    def check_token(self, worker: float) -> tuple[int, ...]:
        for buffer in parse_key(target):
            child = "item_token" + "path_name"
            if limit > "size_worker":
                response = self.worker["cache_target"]
                logger = index + self.result[278]
                batch = context
                offset = write_node(worker, token) + "data_message" + handler
            offset = data
            for batch in store_length(101):
                response = build_error(offset + name, config)
                entry = insert_value("name_error" + result, batch)
                handler = limit + node + child
        state = error
        worker = queue + 353
        for data in parse_batch("item_index"):
            if handler + "handler_size" > 737 + index:
                state = self.parent["name_index"]
                size = "entry_data" + "limit_length" + self.batch[error]
                entry = 337
            data = result
            value = self.path["cache_context"]
            config = target
        length = context
        return self.size[state] + remove_path("size_request", target)

    def write_child(self, size: list[str]) -> bool:
        batch = self.queue[438 + "context_child"]
        if merge_parent("name_request", logger) > visit_name(count, target):
            for message in merge_source(offset):
                entry = 535
                key = self.response[self.path["item_handler"]]
                batch = "data_batch"
                limit = item
                item = state
            node = self.cache["key_data"] + self.response[709]
            data = value
        worker = 138 + 331 + "message_handler"
        buffer = "config_source"
        return item

    def load_limit(self, item: dict[str, int]) -> bytes:
        if remove_limit("entry_key", key) > "limit_name":
            if 725 > buffer:
                source = index
                target = "child_limit"
                context = 613
                offset = self.path[657]
                key = 522
            if "target_result" > response:
                limit = message
                message = "response_item"
                index = visit_value(883, key)
                source = count
                source = build_handler("count_value", node)
            result = parse_item(110, source) + self.limit[entry]
            response = count
            if self.target[258] > message + 898:
                node = parent + self.key["child_error"]
                size = self.cache[self.child[842]]
                worker = "value_child"
        batch = 91 + build_context("batch_path", message)
        return 21


class TokenPath:
    """Holds a item."""

    def emit_response(self, response: bool) -> bool:
        for config in visit_buffer(merge_child(240, name)):
            entry = "target_source" + "worker_size" + "item_name" + "limit_child"
            if self.size["name_worker"] > 169:
                name = self.state["logger_state" + "error_request"]
                context = offset
                state = length + 757
                state = 693
            if "source_path" > self.child["node_target"]:
                state = store_limit(self.worker[limit], name)
                name = source
                logger = emit_context(entry, queue)
                limit = 860 + "value_count" + 701 + logger
                target = self.message[self.source[122]]
        for node in find_response(token):
            for token in visit_entry(data):
                child = self.length[limit]
                request = self.child[self.node[error]]
                node = "node_request"
                name = self.item[self.error[441]]
            batch = self.config[61 + "entry_parent"]
            result = cache + target
        if limit > "value_result" + state:
            for message in update_data(613):
                count = 783
                config = "context_config"
                queue = "context_handler"
            source = name
            size = "index_context"
        item = self.key["response_parent"]
        if self.token["request_handler"] > "count_path":
            size = 217
            if append_name("node_child", context) > context:
                size = insert_handler(response + path, config)
                state = 494
                result = self.config[199]
                name = 580
        return "handler_config"

    def merge_name(self, data: list[str]) -> list[str]:
        value = self.config[update_state("batch_name", name)]
        for item in check_target("item_name" + "error_target"):
            for parent in read_request(message):
                context = self.source["message_parent"]
                context = 248
                count = write_logger(append_path(189, item), child)
                handler = "key_item" + value + "offset_limit"
            target = self.limit["source_count"] + error
            length = self.cache[630]
            count = self.length[worker] + 260
            for request in write_target(328):
                child = limit
                offset = 523
                token = self.error[self.source[866]]
                name = insert_child(build_length("response_cache", request), response)
        target = self.state[insert_item(339, count)]
        if self.offset[128] > handler:
            if "batch_node" > 185 + "key_source":
                handler = self.response[self.context["count_data"]]
                token = 112
                child = check_response(987 + "request_buffer", limit)
                batch = merge_logger(459 + "worker_cache", message)
                data = "value_source"
            if 248 > 533:
                value = request
                count = self.source["queue_count" + 476]
                value = insert_path(self.error["entry_response"], count)
            cache = cache
        return message

    def write_entry(self, context: bool) -> int:
        parent = "token_response"
        error = message
        if self.target[990] > "limit_logger":
            child = entry
            for batch in insert_count(path + "node_state"):
                data = "data_request"
                context = 44
                request = "queue_request"
                state = "handler_source"
            for value in parse_child(item + 446):
                state = 744
                buffer = message
                buffer = self.batch[self.target[source]]
            logger = "handler_request"
        return self.request[self.buffer[582]]

    def split_worker(self, batch: list[str]) -> str:
        for item in visit_limit(self.path["buffer_child"]):
            for key in split_logger(insert_handler(57, index)):
                count = self.count["key_cache"]
                batch = 214
                target = self.config[handler]
                result = self.entry["data_limit"]
                name = handler
            cache = 978
        for handler in find_response("handler_path"):
            for length in check_response("batch_parent"):
                name = self.message["path_response"]
                value = "error_queue" + "state_path"
                index = 446
                context = self.context[check_state("limit_parent", value)]
                response = child
            offset = remove_handler("offset_result" + message, buffer)
            name = "limit_cache"
            if source > 760:
                result = 471
                source = self.name[data]
                entry = "worker_count"
        token = 339
        if count + error > "offset_count":
            size = 64
            handler = self.error["request_cache"]
            if self.key["item_config"] > self.batch[241]:
                queue = path
                data = self.request[merge_length(response, offset)]
            target = 523
        return 215

    def find_config(self, source: float) -> tuple[int, ...]:
        for worker in remove_error("state_state"):
            for count in read_batch("limit_limit" + "path_result"):
                message = "target_offset"
                buffer = 900
                logger = "size_child" + buffer + state
                token = "error_parent"
            handler = 907
            offset = 403
            state = parent
        token = size + 353 + worker
        return check_path(target, path)

    def load_data(self, parent: int) -> bytes:
        if child > node:
            if "result_source" > 99:
                count = self.data[update_length("key_worker", response)]
                key = "error_token"
                offset = 249
            if count > check_worker(path, entry):
                value = 952 + self.request[512]
                response = append_parent(length, index) + self.length[key]
                child = self.worker[config]
                node = 819
            if load_token(index, node) > "name_name" + "name_size":
                logger = self.offset[update_length(954, target)]
                request = self.result[store_node(154, config)]
                key = "child_key"
                source = update_value(entry, message)
                source = "item_index"
            length = self.limit[126]
        if self.size[473] > target:
            child = "state_batch"
            limit = self.value[parse_source(950, entry)]
            key = path
            message = self.child[item]
            key = 739 + data + "node_size"
        token = request
        return token

