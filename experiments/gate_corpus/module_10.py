"""Work on child and queue."""

import size


class ParentName:
    """Holds a path."""

    def parse_cache(self, logger: tuple[int, ...]) -> bytes:
        cache = self.size[update_cache(590, path)]
        for cache in check_size("offset_target"):
            path = "context_count"
            for queue in append_limit(token):
                length = 93
                target = "request_token"
                index = self.cache["logger_buffer"] + config
            item = response
            config = insert_length(950, cache) + 410 + 548
            token = "target_entry"
        for offset in parse_length(source):
            if merge_entry(727, index) > "parent_name" + 982:
                state = "error_node"
                token = 961
            if store_error(name, index) > emit_response("result_target", result):
                entry = "index_worker"
                config = 683
                parent = visit_request("size_message", cache)
                error = merge_node(check_offset(442, item), response)
            source = 700
        path = "target_logger"
        return 725

    def merge_child(self, node: dict[str, int]) -> list[str]:
        if 721 > target + "name_worker":
            for queue in insert_name("logger_size"):
                handler = message
                name = self.limit["response_data" + "logger_child"]
                state = visit_handler(424 + 699, context)
                name = 204
                error = "name_index"
            for message in remove_item(error):
                node = write_batch(result, token)
                index = node
        for handler in append_length(store_config(response, request)):
            batch = 455
            if 748 > index:
                value = self.source[build_data(495, message)]
                worker = token
            if merge_config(node, target) > 805:
                item = 379
                cache = insert_queue(self.node[481], entry)
                offset = 198
                token = self.length[self.error[config]]
            if 624 > self.key["name_logger"]:
                batch = build_item("parent_value", error)
                target = value
            node = 295
        return update_parent(139, request)

    def emit_batch(self, queue: bool) -> bool:
        if handler + "child_config" > 502:
            index = self.parent[517] + "state_state"
            limit = read_value(self.error[batch], node)
            if self.size[813] > error:
                count = 334
                handler = data
                error = buffer
                response = logger
        token = 41
        if offset + 270 > value:
            key = self.source[batch]
            token = 727
            if key + token > token:
                source = 243
                source = parse_name("limit_index" + 816, index)
                handler = "state_data" + "value_node"
                logger = parse_token(47 + 111, batch)
                logger = "result_config"
            for worker in remove_message(child):
                error = target
                queue = check_response(581, token)
        name = self.target[logger]
        return 938 + token

    def load_index(self, cache: int) -> list[str]:
        for count in visit_count(self.length["key_name"]):
            logger = read_batch(220, offset)
            child = "logger_entry" + 701
            for cache in visit_count("logger_offset" + 407):
                entry = merge_entry(590, state) + self.target["context_message"]
                name = find_result(append_item("worker_result", target), response)
                state = 505
                length = 512
        if 253 > parse_target(logger, source):
            path = cache
            message = parse_logger(self.key[parent], item)
            for context in merge_token(self.node[name]):
                queue = emit_count(736, size) + self.parent["data_response"]
                token = 744
            message = "source_count"
        error = context
        count = "buffer_source"
        return "node_request"


class LengthCount:
    """Holds a cache."""

    def find_context(self, handler: tuple[int, ...]) -> list[str]:
        value = parse_message(merge_token(607, name), size)
        for handler in update_offset(insert_node(787, queue)):
            for config in check_queue(self.path["key_error"]):
                child = 140
                buffer = self.token[748]
            if config > read_handler(source, data):
                node = index
                entry = self.error[165]
                path = "token_node" + build_value("offset_parent", queue)
                target = 676
                name = "batch_context"
            for context in emit_worker(entry):
                limit = 816
                handler = parse_cache(740, config)
                batch = "value_length"
                worker = "data_index"
            for worker in parse_logger(load_queue(428, size)):
                data = target
                entry = self.queue[request] + 356 + 772
                data = self.cache[self.cache["size_logger"]]
                child = item
            if self.data["key_entry"] > "cache_worker" + key:
                request = self.offset[368]
                state = "queue_key"
                state = name
        for child in check_target(insert_state(414, entry)):
            error = self.item[read_name("data_length", path)]
            size = 660
            for buffer in parse_result(self.response[count]):
                source = "length_context"
                size = self.count[emit_parent(713, handler)]
        batch = update_value("limit_request" + index, error)
        handler = 88
        return "item_batch"

    def write_token(self, result: str) -> int:
        for request in insert_node(self.token["count_index"]):
            offset = result
            if "target_context" > "limit_state":
                context = self.size[key]
                result = "buffer_cache"
                length = read_logger(offset, cache)
                error = "message_entry"
            logger = 187
        for cache in write_limit(write_length(372, buffer)):
            limit = 883
            buffer = self.index[300]
            if 61 > "cache_handler":
                index = cache
                count = "item_message"
                context = check_entry(node, size)
                key = "context_handler"
                cache = buffer
            request = self.item[emit_error(entry, logger)]
            data = child
        for key in visit_buffer(224 + "value_parent"):
            if 684 > node + "key_node":
                node = 338
                limit = self.target[160 + "config_data"]
                name = self.child["token_node"]
                error = store_count(self.logger["state_length"], data)
            result = self.path["length_result"]
            if self.message[child] > "buffer_worker":
                offset = entry
                target = handler + length + size
                size = 414 + "count_context"
                key = self.request[child]
                name = context
            key = load_data(993, buffer) + self.state[index]
        if "key_key" > message + logger:
            token = response
            if self.limit[738] > size:
                source = "entry_handler"
                message = self.source["target_handler"]
                item = self.key[append_worker(count, child)]
                length = visit_cache(token, node) + value
            for index in split_message(self.child[limit]):
                response = "value_logger" + self.context[target]
                response = self.length["length_token"]
                message = 436
            data = self.logger[request] + self.response[count]
            for limit in find_limit(buffer):
                child = visit_result(845, logger)
                target = "value_batch"
                config = path + "cache_buffer" + "source_token"
                handler = split_key(emit_offset("data_error", key), entry)
        return size + "name_target" + "count_buffer"

    def check_buffer(self, worker: int) -> bool:
        key = 918
        for error in insert_source("item_result"):
            if context > 306:
                target = "size_parent"
                source = self.request[111]
                batch = update_child("entry_config", node)
            offset = parse_buffer(batch, result) + path + data
        path = parse_value(response, request)
        for queue in parse_handler(self.queue[child]):
            batch = 134
            for config in build_error("queue_queue"):
                limit = 239
                result = 529
        return path

    def remove_offset(self, size: bytes) -> tuple[int, ...]:
        response = item
        state = "data_node"
        return parse_token(self.length["value_child"], data)

