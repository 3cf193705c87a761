/* Buffers of a task: cut out of one block that is kept for the next task (POOL), or from the heap and back to it.
 *
 *     kept block   | source ...... | tokens ............... | stack .. | output ...... | free ....... |
 *                                                                                      ^ used
 * A buffer that outgrows its place goes on at the end of the block, or in a block of its own where that is full: then
 * the task ends with that freed, and the next one gets a kept block in which everything has room. So a session soon has
 * one block, and asks the system for nothing. A pool of single buffers (pm/pool.h) would do the same with an allocation
 * for each, and three more for itself, before the first task; a session has one thread and never holds two buffers
 * of one use.
 */
#include <pm/heap.h>
#include <string.h>

#include "session.h"

enum {
    SLACK_BYTES = 64,          /* behind the capacity, for wide writes */
    ALIGNMENT = 64,            /* with ALIGNED */
    HEAP_ALIGNMENT = 16,       /* without */
    KEPT_BYTES_MAX = 32 << 20, /* what a session keeps at most */
    FIRST_BYTES = 5376,        /* of the first kept block, and for each byte of the source: what nearly all need */
    FIRST_BYTES_PER_SOURCE = 6
};

static size_t alignment_of(const fe_session *session) {
    return session->switches & FE_SWITCH_ALIGNED ? ALIGNMENT : HEAP_ALIGNMENT;
}

static size_t round_up(size_t bytes, size_t alignment) {
    return (bytes + alignment - 1) & ~(alignment - 1);
}

static bool is_vector(fe_buffer_use use) {
    return !(use == FE_BUF_SOURCE || use == FE_BUF_DECODED || use == FE_BUF_SCRATCH || use == FE_BUF_SCRATCH_2 ||
             use == FE_BUF_OUTPUT || use == FE_BUF_RESULT);
}

/* Makes the kept block on first use. A refusal is none here: the buffer that asks gets a block of its own. */
static void make_kept(fe_session *session) {
    fe_kept *kept = &session->kept;
    if (kept->wanted == 0) {
        const size_t copies = session->task.source == NULL; /* the source itself goes there */
        const size_t wanted = FIRST_BYTES + session->task.bytes * (FIRST_BYTES_PER_SOURCE + copies);
        kept->wanted = wanted < KEPT_BYTES_MAX ? wanted : KEPT_BYTES_MAX;
    }
    const size_t bytes = round_up(kept->wanted, ALIGNMENT);
    kept->block = pm_heap_alloc(bytes, alignment_of(session));
    kept->bytes = kept->block ? bytes : 0;
}

/* A place of `bytes` bytes at the end of what is used of the kept block, or NULL. */
static uint8_t *cut(fe_session *session, fe_buffer *buffer, size_t bytes) {
    fe_kept *kept = &session->kept;
    if (buffer->data == NULL) {
        uint32_t *count = buffer->is_vector ? &kept->vectors : &kept->strings;
        if (*count == (buffer->is_vector ? session->vector_buffers : session->string_buffers)) {
            return NULL;
        }
        ++*count;
        if (kept->block == NULL) {
            make_kept(session);
        }
    }
    bytes = round_up(bytes + SLACK_BYTES, alignment_of(session));
    if (kept->bytes - kept->used < bytes) {
        return NULL;
    }
    uint8_t *place = kept->block + kept->used;
    kept->used += bytes;
    return place;
}

static bool is_kept(const fe_session *session, const fe_buffer *buffer) {
    return buffer->holder == &session->kept;
}

/* Whether the buffer is the last one in the kept block and has room to grow there. */
static bool extend(fe_session *session, fe_buffer *buffer, size_t bytes) {
    fe_kept *kept = &session->kept;
    const size_t alignment = alignment_of(session);
    const size_t place = (size_t)((uint8_t *)buffer->data - kept->block);
    const size_t end = place + round_up(buffer->bytes + SLACK_BYTES, alignment);
    const size_t wanted = place + round_up(bytes + SLACK_BYTES, alignment);
    if (end != kept->used || wanted > kept->bytes) {
        return false;
    }
    kept->used = wanted;
    return true;
}

/* From the heap; the content moves. */
static void *resize(fe_session *session, const fe_buffer *buffer, size_t bytes) {
    const bool own = buffer->data != NULL && !is_kept(session, buffer);
    const size_t alignment = alignment_of(session);
    if (alignment == HEAP_ALIGNMENT && (own || buffer->data == NULL)) {
        return pm_heap_resize(buffer->data, own ? buffer->bytes + SLACK_BYTES : 0, bytes + SLACK_BYTES);
    }
    void *data = pm_heap_alloc(bytes + SLACK_BYTES, alignment);
    if (data != NULL && buffer->data != NULL) {
        memcpy(data, buffer->data, buffer->bytes);
        fe_count_copy(&session->task, buffer->bytes);
        if (own) {
            pm_heap_free(buffer->data, buffer->bytes + SLACK_BYTES);
        }
    }
    return data;
}

static void grow(fe_task *task, fe_buffer *buffer, size_t bytes) {
    fe_session *session = task->session;
    if (buffer->data != NULL && bytes < buffer->bytes + buffer->bytes / 2) {
        bytes = buffer->bytes + buffer->bytes / 2;
    }
    if (session->switches & FE_SWITCH_POOL) {
        if (buffer->data != NULL && is_kept(session, buffer) && extend(session, buffer, bytes)) {
            buffer->bytes = bytes;
            return;
        }
        const bool new_kept = session->kept.block == NULL;
        void *place = buffer->data == NULL || is_kept(session, buffer) ? cut(session, buffer, bytes) : NULL;
        if (place != NULL) {
            session->ledger.pool_hits += !new_kept;
            session->ledger.pool_misses += new_kept;
            if (buffer->data != NULL) {
                memcpy(place, buffer->data, buffer->bytes);
                fe_count_copy(task, buffer->bytes);
            }
            *buffer = (fe_buffer){place, bytes, &session->kept, buffer->is_vector};
            return;
        }
        session->ledger.pool_misses++;
    }
    void *data = resize(session, buffer, bytes);
    if (data == NULL) {
        fe_refuse(task, bytes);
    }
    *buffer = (fe_buffer){data, bytes, NULL, buffer->is_vector};
}

void *fe_need(fe_task *task, fe_buffer_use use, size_t bytes) {
    fe_buffer *buffer = &task->buffers[use];
    if (PM_UNLIKELY(buffer->bytes < bytes || buffer->data == NULL)) {
        if (bytes > SIZE_MAX / 4) {
            fe_refuse(task, bytes);
        }
        if (buffer->data == NULL) {
            buffer->is_vector = is_vector(use);
        }
        pm_ledger *watched = pm_ledger_watch(&task->session->heap);
        grow(task, buffer, bytes);
        pm_ledger_watch(watched);
    }
    return buffer->data;
}

void fe_buffers_end(fe_session *session) {
    fe_kept *kept = &session->kept;
    size_t wanted = kept->used;
    bool overflowed = false;
    for (unsigned use = 0; use < FE_BUFFERS; use++) {
        fe_buffer *buffer = &session->task.buffers[use];
        if (buffer->data != NULL && !is_kept(session, buffer)) {
            pm_heap_free(buffer->data, buffer->bytes + SLACK_BYTES);
            wanted += round_up(buffer->bytes + SLACK_BYTES, ALIGNMENT);
            overflowed = true;
        }
        *buffer = (fe_buffer){0};
    }
    if (!(session->switches & FE_SWITCH_POOL)) {
        return;
    }
    kept->used = 0;
    kept->strings = kept->vectors = 0;
    if (overflowed && wanted > kept->wanted && wanted <= KEPT_BYTES_MAX) {
        pm_heap_free(kept->block, kept->bytes);
        *kept = (fe_kept){.wanted = wanted};
    }
}

void fe_buffers_trim(fe_session *session) {
    pm_heap_free(session->kept.block, session->kept.bytes);
    session->kept = (fe_kept){0};
}
