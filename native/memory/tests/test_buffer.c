/* The aligned buffer: alignment and content over growth, padding, overflow, huge pages, failures. */
#include "check.h"

static void growth_keeps_alignment_and_content(void) {
    for (size_t alignment = PM_BUFFER_ALIGNMENT; alignment <= PM_BUFFER_ALIGNMENT_MAX; alignment *= 8) {
        const pm_buffer_options options = {.element_bytes = 4, .alignment = alignment};
        pm_buffer *buffer = NULL;
        CHECK_OK(pm_buffer_new(&options, &buffer));
        for (uint32_t i = 0; i < 600000; i++) {
            CHECK_OK(pm_buffer_append(buffer, &i, 1));
            if ((i & (i - 1)) == 0) {
                CHECK_EQUAL(0, (uintptr_t)buffer->data % alignment);
                CHECK_EQUAL(0, buffer->capacity_bytes % alignment);
                CHECK(buffer->capacity_bytes >= (size_t)4 * (i + 1));
            }
        }
        for (uint32_t i = 0; i < 600000; i++) {
            CHECK_EQUAL(i, ((uint32_t *)(void *)buffer->data)[i]);
        }
        pm_buffer_free(buffer);
    }
    pm_buffer_free(NULL);
}

static void all_memory_up_to_the_padding_is_readable_and_zero(void) {
    pm_buffer buffer;
    CHECK_OK(pm_buffer_init(&buffer, NULL));
    CHECK(buffer.data == NULL);
    CHECK_OK(pm_buffer_append(&buffer, "x", 1));
    CHECK_EQUAL(64, buffer.capacity_bytes);
    for (size_t i = 1; i < buffer.capacity_bytes; i++) {
        CHECK_EQUAL(0, buffer.data[i]);
    }
    CHECK_OK(pm_buffer_append(&buffer, buffer.data, 1));
    CHECK_OK(pm_buffer_resize(&buffer, 65));
    CHECK(buffer.data[1] == 'x' && buffer.data[64] == 0);
    pm_buffer_clear(&buffer);
    CHECK_OK(pm_buffer_resize(&buffer, 2));
    CHECK_EQUAL(0, buffer.data[0]); /* new elements are zero even where old content stood */
    pm_buffer_deinit(&buffer);
}

static void absurd_requests_are_refused(void) {
    pm_buffer *buffer = NULL;
    const size_t alignments[] = {1, 32, 63, 65, 96, (size_t)PM_BUFFER_ALIGNMENT_MAX * 2, SIZE_MAX};
    for (size_t i = 0; i < sizeof alignments / sizeof *alignments; i++) {
        const pm_buffer_options options = {.alignment = alignments[i]};
        CHECK_EQUAL(PM_INVALID, pm_buffer_new(&options, &buffer));
    }
    const pm_buffer_options too_many = {.element_bytes = 16, .count = SIZE_MAX / 8};
    const pm_buffer_options too_large = {.element_bytes = 1, .count = SIZE_MAX - 3};
    const pm_buffer_options refused = {.element_bytes = 1, .count = SIZE_MAX / 4};
    CHECK_EQUAL(PM_OVERFLOW, pm_buffer_new(&too_many, &buffer));
    CHECK_EQUAL(PM_OVERFLOW, pm_buffer_new(&too_large, &buffer));
    CHECK_EQUAL(PM_NO_MEMORY, pm_buffer_new(&refused, &buffer));
    CHECK(buffer == NULL);
    CHECK_OK(pm_buffer_new(NULL, &buffer));
    CHECK_OK(pm_buffer_append(buffer, "abc", 3));
    CHECK_EQUAL(PM_OVERFLOW, pm_buffer_reserve(buffer, SIZE_MAX));
    CHECK_EQUAL(PM_OVERFLOW, pm_buffer_resize(buffer, SIZE_MAX));
    CHECK(buffer->count == 3 && memcmp(buffer->data, "abc", 3) == 0);
    pm_buffer_free(buffer);
}

static void what_is_reserved_can_be_filled_without_moving(void) {
    const pm_buffer_options options = {.element_bytes = 8, .count = 1000};
    pm_buffer buffer;
    CHECK_OK(pm_buffer_init(&buffer, &options));
    const unsigned char *data = buffer.data;
    const uint64_t before = check_allocations();
    for (uint64_t i = 0; i < 1000; i++) {
        CHECK_OK(pm_buffer_append(&buffer, &i, 1));
    }
    CHECK(buffer.data == data && before == check_allocations());
    pm_buffer_deinit(&buffer);
}

static void huge_pages_are_asked_for_and_reported(void) {
    const pm_buffer_options options = {.count = 3 << 20, .huge_pages = true};
    pm_buffer buffer;
    CHECK_OK(pm_buffer_init(&buffer, &options));
    CHECK_EQUAL(4 << 20, buffer.capacity_bytes);
    CHECK_EQUAL(0, (uintptr_t)buffer.data % (2 << 20));
    CHECK_OK(pm_buffer_resize(&buffer, 3 << 20));
    size_t huge = SIZE_MAX;
    const pm_status status = pm_buffer_huge_bytes(&buffer, &huge);
    CHECK(status == PM_UNSUPPORTED || (status == PM_OK && huge <= 4 << 20 && huge % 4096 == 0));
    pm_buffer_deinit(&buffer);
    CHECK_OK(pm_buffer_init(&buffer, NULL));
    CHECK_OK(pm_buffer_huge_bytes(&buffer, &huge));
    CHECK_EQUAL(0, huge);
    pm_buffer_deinit(&buffer);
}

static pm_status grow(void) {
    pm_buffer *buffer = NULL;
    pm_status status = pm_buffer_new(NULL, &buffer);
    if (status != PM_OK) {
        return status;
    }
    for (size_t i = 0; i < 40; i++) { /* past the size from which memory is mapped */
        if (pm_buffer_resize(buffer, buffer->count + 60000) != PM_OK) {
            status = PM_NO_MEMORY;
            CHECK_EQUAL(60000 * i, buffer->count);
            CHECK_OK(pm_buffer_resize(buffer, buffer->count + 60000));
        }
        buffer->data[60000 * i] = (unsigned char)i;
    }
    for (size_t i = 0; i < 40; i++) {
        CHECK_EQUAL(i, buffer->data[60000 * i]);
    }
    pm_buffer_free(buffer);
    return status;
}

static void every_refused_allocation_leaves_the_buffer_working(void) {
    check_every_failure(grow);
}

int main(void) {
    RUN(growth_keeps_alignment_and_content);
    RUN(all_memory_up_to_the_padding_is_readable_and_zero);
    RUN(absurd_requests_are_refused);
    RUN(what_is_reserved_can_be_filled_without_moving);
    RUN(huge_pages_are_asked_for_and_reported);
    RUN(every_refused_allocation_leaves_the_buffer_working);
    return 0;
}
