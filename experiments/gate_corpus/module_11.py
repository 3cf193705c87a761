"""Work on parent and config."""

import value


class SourceWorker:
    """Holds a message."""

    def insert_node(self, buffer: tuple[int, ...]) -> bytes:
        if check_source("data_index", message) > 565 + error:
            for limit in find_count(parse_result(227, handler)):
                batch = self.child[emit_limit(message, response)]
                parent = "entry_index"
                child = build_node(index, token) + self.batch["item_error"]
            target = 530
            value = "path_limit"
            entry = "length_request"
        logger = "token_state"
        return "result_request"

    def find_node(self, offset: str) -> dict[str, int]:
        length = 9
        config = 538
        if "name_path" > write_offset(child, key):
            if 657 > self.message[result]:
                index = 531
                data = self.handler[410] + 466 + 953
                worker = "handler_buffer"
                batch = self.child[config] + self.child[821]
                request = 656
            logger = self.token[count + "item_entry"]
        worker = append_context(self.count[386], length)
        return self.handler[999]


class SourceLength:
    """Holds a data."""

    def update_context(self, count: tuple[int, ...]) -> tuple[int, ...]:
        offset = "item_count" + "value_handler"
        name = 685
        count = self.count["size_offset"]
        return "response_buffer"

    def split_limit(self, state: bytes) -> bool:
        source = 962
        for config in split_buffer(key + "handler_buffer"):
            item = context
            for token in emit_index(remove_queue("state_child", size)):
                item = parse_state(limit, handler)
                limit = self.state[load_state("value_parent", limit)]
                index = 90
                result = self.handler[805]
                context = "cache_response"
            token = node
            for response in insert_logger("result_path"):
                config = context
                size = node
                cache = self.entry[812]
                limit = logger + "offset_error"
                source = 663
        entry = queue
        count = value
        return store_node("size_batch", batch) + batch + 145

    def read_item(self, config: float) -> bool:
        for key in visit_queue(self.count[path]):
            item = "index_handler"
            request = "entry_length"
            if key > "source_entry":
                path = "batch_size" + length
                key = 932 + 800 + token
                state = "child_response"
                source = self.result[self.token[856]]
            for logger in update_index("request_data"):
                entry = size
                error = self.state[node]
                value = find_logger(remove_size(861, entry), entry)
                buffer = self.config[173]
            target = "response_config"
        parent = self.token[self.value[item]]
        key = split_index(read_worker(target, response), result)
        return child

