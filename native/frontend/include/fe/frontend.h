/* fe/frontend.h: Python source to syntax tree to text, with every memory choice switchable by itself.
 *
 * The stages of one task: take the source in, lex, parse, resolve symbols, emit. Emitted is either the text of
 * CPython's `ast.dump(ast.parse(source), include_attributes=True)` of the version that is chosen, byte for byte, or the
 * tree as columns.
 *
 * Each switch selects one memory technique of the layer against what a sensible engineer writes without it; none of
 * them changes a byte of what comes out. Off is the second:
 *   FE_SWITCH_ARENA     nodes, lists and texts of the tree are bumped from one region | malloc for each
 *   FE_SWITCH_INTERN    a name is a number from the session's interner                | a copy for each occurrence
 *   FE_SWITCH_VIEWS     stages hand on slices of what they got; text is streamed      | each stage copies
 *   FE_SWITCH_POOL      buffers are kept for the next task                            | new for each task
 *   FE_SWITCH_SOA       tokens and nodes as columns                                   | as records
 *   FE_SWITCH_SIMD      the source is scanned 64 bytes at a time                      | byte by byte
 *   FE_SWITCH_ALIGNED   buffers begin on a cache line                                 | where malloc puts them
 *   FE_SWITCH_PREFETCH  what comes next is asked for ahead of use                     | it is not
 *
 * Threads: a session is used by one thread at a time; sessions share nothing. fe_batch_* runs one per worker.
 * Failure: a task that fails leaves its session as ready as a task that succeeds.
 */
#ifndef FE_FRONTEND_H
#define FE_FRONTEND_H

#include <pm/parallel.h>
#include <pm/text.h>

#ifdef __cplusplus
extern "C" {
#endif

/* cdef:begin */
enum {
    FE_SWITCH_ARENA = 1,
    FE_SWITCH_INTERN = 2,
    FE_SWITCH_VIEWS = 4,
    FE_SWITCH_SOA = 8,
    FE_SWITCH_POOL = 16,
    FE_SWITCH_SIMD = 32,
    FE_SWITCH_ALIGNED = 64,
    FE_SWITCH_PREFETCH = 128,
    FE_SWITCHES_ALL = 255,

    FE_SOURCE_BYTES_MAX = 1 << 28, /* of one source: positions and node numbers have 32 bits */
    FE_DEPTH_MAX = 6000,           /* nesting of expressions and blocks, as CPython's parser; deeper is FE_TOO_DEEP */
    FE_MESSAGE_BYTES = 200,
    FE_PADDING_BYTES = 64,        /* see fe_translate_padded */
    FE_BUFFERS_NONE = 0x7fffffff, /* see fe_options */
    FE_DIGITS_ANY = 0x7fffffff    /* see fe_options */
};

typedef enum fe_status {
    FE_OK = 0,
    FE_SYNTAX = 1,   /* not Python; fe_error says where and what was expected */
    FE_TOO_DEEP = 2, /* nested beyond FE_DEPTH_MAX or what the thread's stack has room for; fe_error says where */
    FE_DELEGATE = 3, /* rare: Python has to answer (a coding cookie, NFKC names, \N{...}); see fe_options.delegate */
    FE_NO_MEMORY = 4,
    FE_READ = 5,        /* the file could not be read; fe_error.system is the errno */
    FE_INVALID = 6,     /* an argument is out of its range */
    FE_UNSUPPORTED = 7, /* a version of the language that this front end does not know */
    FE_SINK = 8,        /* the sink refused the output */
    FE_CANCELLED = 9,   /* the task never began: its batch was cancelled */
    FE_BUSY = 10        /* another batch runs */
} fe_status;

/* How far a task goes. Each includes those before it. Where FE_STAGE_LEX has a sink, it gets the tokens, an
 * fe_token_view each; where FE_STAGE_PARSE and FE_STAGE_SYMBOLS have one, it gets nothing. */
typedef enum fe_stage {
    FE_STAGE_LEX = 0,
    FE_STAGE_PARSE = 1,
    FE_STAGE_SYMBOLS = 2,
    FE_STAGE_TEXT = 3,   /* symbols, then the text of ast.dump */
    FE_STAGE_COLUMNS = 4 /* symbols, then the nodes as columns */
} fe_stage;

typedef enum fe_token_class {
    FE_TOKEN_END = 0,
    FE_TOKEN_NEWLINE,
    FE_TOKEN_INDENT,
    FE_TOKEN_DEDENT,
    FE_TOKEN_NAME, /* keywords too */
    FE_TOKEN_NUMBER,
    FE_TOKEN_STRING,
    FE_TOKEN_OPERATOR,
    FE_TOKEN_FSTRING_START, /* f-strings and t-strings of 3.12 and later */
    FE_TOKEN_FSTRING_MIDDLE,
    FE_TOKEN_FSTRING_END
} fe_token_class;

/* A token for comparing with other tokenizers. */
typedef struct fe_token_view {
    uint32_t token_class; /* fe_token_class */
    uint32_t start, end;  /* bytes of the source as UTF-8, without byte order mark, its line ends "\n"; ... */
    uint32_t line; /* ... from 1; all three 0 where no text need stand for the token: NEWLINE, INDENT, DEDENT, END */
} fe_token_view;

typedef struct fe_error {
    fe_status status;
    uint32_t line;   /* from 1; 0: of no line */
    uint32_t column; /* in bytes of UTF-8, from 0 */
    int system;      /* errno, for FE_READ */
    char message[200];
} fe_error;

/* Takes `bytes` bytes of text; false refuses, and the task ends with FE_SINK. Called several times per task where the
 * text is streamed, once otherwise; the bytes are borrowed for the call. */
typedef bool (*fe_sink)(void *context, const void *data, size_t bytes);

/* What only Python knows. Each writes at most `capacity` bytes to `out` and returns how many it wanted to write, or -1
 * where there is no answer (an unknown name, a codec that refuses). May be called from several threads. */
typedef struct fe_delegate {
    void *context;
    /* the NFKC form of an identifier, UTF-8 to UTF-8; -1: not an identifier */
    int64_t (*normalize)(void *context, const void *name, size_t bytes, void *out, size_t capacity);
    /* the character called `name`, in UTF-8 */
    int64_t (*character)(void *context, const void *name, size_t bytes, void *out, size_t capacity);
    /* a source that declares an encoding, or is not UTF-8: its UTF-8 text; -1: out holds a message, ended by NUL */
    int64_t (*decode)(void *context, const void *source, size_t bytes, void *out, size_t capacity);
} fe_delegate;

typedef struct fe_options {
    uint32_t switches;           /* FE_SWITCH_... */
    uint32_t minor;              /* of the language: 11 to 14 for Python 3.11 to 3.14 */
    uint32_t show_empty;         /* 1: the text has empty lists in every version, as ast.dump(show_empty=True) */
    uint32_t string_buffers;     /* byte buffers that POOL keeps at most; 0: 1000, FE_BUFFERS_NONE: none */
    uint32_t vector_buffers;     /* typed buffers that POOL keeps at most; 0: 500, FE_BUFFERS_NONE: none */
    uint32_t prefetch;           /* how many elements PREFETCH looks ahead; 0: 8 */
    uint32_t stream_bytes;       /* size of a streamed piece of text; 0: 32768 */
    uint32_t int_digits;         /* decimal digits of an int at most, written or printed; 0: 4300, FE_DIGITS_ANY: any */
    const fe_delegate *delegate; /* NULL: what needs it is FE_DELEGATE. Must outlive the session. */
} fe_options;

/* What tasks cost. Counted, not sampled; sums over the tasks of a session since it was made or its ledger was reset. */
typedef struct fe_ledger {
    uint64_t task_count;
    uint64_t failed_count;
    uint64_t source_bytes;
    uint64_t output_bytes;
    uint64_t token_count;
    uint64_t node_count;
    uint64_t allocation_count; /* calls that obtained memory from the system: malloc, realloc, mmap */
    uint64_t free_count;
    uint64_t allocated_bytes;
    uint64_t freed_bytes;
    uint64_t live_bytes; /* held now, what is kept for the next task included */
    uint64_t peak_bytes; /* highest live_bytes */
    uint64_t copy_count; /* times that bytes of the task were copied to be kept elsewhere, growth included */
    uint64_t copied_bytes;
    uint64_t pool_hits, pool_misses;
    uint64_t interned_count, deduplicated_count;
    uint64_t delegated_count;
} fe_ledger;

typedef struct fe_session fe_session;

/* Makes a session; allocates nothing that a task does not need. options NULL: all switches, 3.11.
 * FE_UNSUPPORTED for another version, FE_INVALID for unknown switches, FE_NO_MEMORY. */
PM_API PM_NODISCARD fe_status fe_session_new(const fe_options *options, fe_session **out);

/* NULL is allowed. */
PM_API void fe_session_free(fe_session *session);

/* Translates a source in memory, borrowed for the call. sink may be NULL: the text is made and dropped. error may be
 * NULL. */
PM_API fe_status fe_translate(fe_session *session, const void *source, size_t bytes, fe_stage stage, fe_sink sink,
                              void *context, fe_error *error);

/* The same for a source that has FE_PADDING_BYTES zero bytes before it and as many behind it, which may be read: with
 * FE_SWITCH_VIEWS it is then used where it lies, else it is copied as any. */
PM_API fe_status fe_translate_padded(fe_session *session, const void *source, size_t bytes, fe_stage stage,
                                     fe_sink sink, void *context, fe_error *error);

/* The same for a file, read in C. */
PM_API fe_status fe_translate_file(fe_session *session, const char *path, fe_stage stage, fe_sink sink, void *context,
                                   fe_error *error);

/* Gives back what is kept for later tasks: the next one is a cold one. */
PM_API void fe_session_trim(fe_session *session);

PM_API void fe_session_read_ledger(const fe_session *session, fe_ledger *out);
PM_API void fe_session_reset_ledger(fe_session *session);

/* A few words for a status, static, never NULL. */
PM_API const char *fe_status_text(fe_status status);
/* cdef:end */

#ifdef __cplusplus
}
#endif
#endif
