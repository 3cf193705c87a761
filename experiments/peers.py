"""The memory layer beside what a user would pick instead, each work side by side in one run.

`work` names what is done; the arms are the contenders, the layer's own way ("ours") is the baseline. So a contender
that is "worse" is slower than the layer. Allocators of other libraries are preloaded, and each is then alone in its
process; the Python libraries come with the extra `peers`. What is not installed is a row with the reason.
`lab export --format peers` turns the comparisons round: ours / contender.
"""

from collections.abc import Callable, Mapping
from functools import partial

from experiments import inputs, peers_arrays, peers_parse, peers_text
from lab.experiment.declare import Arms, Experiment, Factor, Group, Level, everywhere, nowhere, words
from lab.experiment.python_kernel import python_kernel
from lab.measure.machine import Machine

OURS = "ours"
CONTENDER = "contender"
LEAST_ARRAY_BYTES = 48 << 20
CHASED_BYTES = 1 << 27

ALLOCATORS = {"jemalloc": "libjemalloc.so.2", "mimalloc": "libmimalloc.so.2", "tcmalloc": "libtcmalloc_minimal.so.4"}


def work(**args: Mapping[str, str]) -> Factor:
    """The factor `work`: name -> the kernel arguments that make it that work."""
    return Factor("work", tuple(Level(name, own) for name, own in args.items()))


def contenders(ours: str, **others: str) -> Arms:
    """Arms told apart by the parameter `contender`: what ours does, and each other one."""
    return Arms(CONTENDER, OURS, {OURS: ours, **others})


def allocators(ours: str) -> Arms:
    """Ours, and malloc and free out of each preloaded library."""
    meaning = {OURS: ours} | {name: f"malloc and free of {name}, preloaded." for name in ALLOCATORS}
    return Arms(CONTENDER, OURS, meaning, dict.fromkeys(ALLOCATORS, "malloc"), ALLOCATORS)


def arrays(machine: Machine) -> tuple[Level, ...]:
    """Arrays of one and a half times the last-level cache, 48 MiB at least: one level."""
    cache = int(str(machine.facts.get("cache.L3", "0")).partition(",")[0])
    size = str(max(3 * cache // 2, LEAST_ARRAY_BYTES))
    return (Level(f"{int(size) >> 20}MiB", {"array": size}),)


def sizes(name: str, quick: int) -> Factor:
    """How many texts: some in the quick profile, all of the input otherwise."""
    return words(name, quick, peers_text.ALL, quick=(quick,))


def _whole(name: str) -> Callable[[Mapping[str, str], str], str]:
    def keep(factors: Mapping[str, str], profile: str) -> str:
        return "" if profile == "quick" or factors[name] == peers_text.ALL else "only the quick profile cuts the input"

    return keep


# Every group of this experiment, and those that parse.
side_by_side = partial(Group, null=nowhere, axis="work")
parsing = partial(side_by_side, item="byte", kind="allocating")

POOLS = work(pool={"threads": "one"}, pool_two_threads={"threads": "two"}, pool_cross_thread={"threads": "cross"})
ARENA = "The arena: nodes by moving a pointer, all given back at once, statistics kept."
POOL = "The object pool: 256 bytes taken and given back, statistics kept."
GLIBC = "malloc and free of the C library."
LIMIT = "The widest non-temporal stores in a loop of their own: what the machine gives."
LOOP = "A plain loop, vectorised by the compiler."

NATIVE = (
    side_by_side(
        name="arena",
        title="Nodes of a syntax tree",
        kernel="peers.arena",
        factors=(work(arena={"through": "call"}, arena_inline={"through": "inline"}),),
        arms=contenders(
            ARENA,
            bump="A pointer moved by hand in one block, inline; no statistics.",
            bump_call="The same through a function that is not inlined: what any exported call costs.",
            malloc=GLIBC,
        ),
        kind="allocating",
        note="Time per node of 16 to 96 bytes, 1000 to a tree; arena: by the exported function, arena_inline: inlined.",
    ),
    side_by_side(
        name="arena_allocators",
        title="Nodes of a syntax tree, from other allocators",
        kernel="peers.arena",
        factors=(work(arena={"through": "call"}),),
        arms=allocators(ARENA),
        kind="allocating",
        paired=nowhere,
        separate=everywhere,
        note="Time per node, each allocator in a process of its own.",
    ),
    side_by_side(
        name="pool",
        title="Objects of 256 bytes",
        kernel="peers.pool",
        factors=(POOLS,),
        arms=contenders(POOL, malloc=GLIBC),
        kind="allocating",
        note="Time per object; two threads: wall time, both count; cross: taken on one, freed on the other.",
    ),
    side_by_side(
        name="pool_allocators",
        title="Objects of 256 bytes, from other allocators",
        kernel="peers.pool",
        factors=(POOLS,),
        arms=allocators(POOL),
        kind="allocating",
        paired=nowhere,
        separate=everywhere,
        note="Time per object, each allocator in a process of its own.",
    ),
    side_by_side(
        name="copy",
        title="Copying arrays beyond the caches",
        kernel="peers.copy",
        factors=(work(copy={}), Factor("array", arrays)),
        args={"pages": "small"},
        arms=contenders("pm_stream_copy.", memcpy="memcpy of the C library.", plain=LOOP, limit=LIMIT),
        kind="dram",
        note="Time per 64 bytes of output.",
    ),
    side_by_side(
        name="triad",
        title="Sums and products of arrays beyond the caches",
        kernel="peers.triad",
        factors=(work(triad={}), Factor("array", arrays)),
        args={"pages": "small"},
        arms=contenders("pm_stream_triad_f64.", plain=LOOP, limit=LIMIT),
        kind="dram",
        note="Time per 64 bytes of output; two arrays are read for it.",
    ),
    side_by_side(
        name="chains",
        title="Lookups of which each needs the last",
        kernel="peers.chase",
        factors=(work(chained_lookups={}),),
        args={"interleave": "64", "working_set": str(CHASED_BYTES), "pages": "huge"},
        arms=contenders("pm_prefetch_follow, 64 chains side by side.", plain="One chain after the other."),
        kind="dram",
        note="Time per lookup in a table of 128 MiB.",
    ),
    side_by_side(
        name="linear",
        title="Linear memories for one tenant after the other",
        kernel="peers.linear",
        factors=(work(linear_memory={}),),
        arms=contenders(
            "Out of the pool of linear memories.",
            mmap="Mapped and unmapped each time.",
            dontneed="Stays mapped; MADV_DONTNEED clears it.",
        ),
        kind="allocating",
        note="Time to have a zeroed memory of 1 MiB, touch 16 of its pages and give it back.",
    ),
)

TEXT = (
    side_by_side(
        name="intern_arrow",
        title="Interning identifiers out of an Arrow array",
        kernel=python_kernel(peers_text.intern),
        item="token",
        input=inputs.tokens,
        factors=(work(intern_arrow={"form": "arrow"}), sizes("tokens", 50_000)),
        arms=contenders(
            "Interner.clear and Interner.intern_many.",
            ours_fresh="A new Interner each time, closed after use.",
            pyarrow="dictionary_encode.",
            pandas="factorize of a str series.",
            polars="A cast to Categorical with categories of its own.",
        ),
        kind="allocating",
        keep=_whole("tokens"),
        note="Time per token of the corpus's identifiers, duplicates included.",
    ),
    side_by_side(
        name="intern_list",
        title="Interning identifiers out of a list",
        kernel=python_kernel(peers_text.intern),
        item="token",
        input=inputs.tokens,
        factors=(work(intern_list={"form": "list"}), sizes("tokens", 50_000)),
        arms=contenders(
            "Interner.clear and Interner.intern_many.",
            pyarrow="pyarrow.array and dictionary_encode.",
            pandas="factorize of an object array.",
            polars="A series made of the list and cast to Categorical.",
            sys_intern="sys.intern of each in a list comprehension; gives strings, no ids.",
            dict="dict.setdefault of each in a list comprehension.",
        ),
        kind="allocating",
        keep=_whole("tokens"),
        note="Time per token of the corpus's identifiers, each a str object of its own.",
    ),
    side_by_side(
        name="intern_threads",
        title="Interning on two threads",
        kernel=python_kernel(peers_text.intern),
        item="token",
        input=inputs.tokens,
        factors=(work(intern_two_threads={"form": "arrow"}), sizes("tokens", 200_000)),
        arms=Arms(
            CONTENDER,
            OURS,
            {
                OURS: "Interner.intern_many with two threads.",
                "ours_one_thread": "The same with one.",
                "ours_halves": "Half of the tokens for each of two interners, at once: nothing is shared.",
            },
            {OURS: "ours_two_threads", "ours_one_thread": "ours"},
        ),
        kind="allocating",
        keep=_whole("tokens"),
        note="Wall time per token. What two halves take apart from each other no division of one run can beat.",
    ),
    side_by_side(
        name="contains",
        title="Lines that contain a word, out of an Arrow array",
        kernel=python_kernel(peers_text.contains),
        item="row",
        input=inputs.lines,
        factors=(
            work(contains_sparse={"needle": "raise ValueError"}, contains_dense={"needle": "self"}),
            sizes("rows", 100_000),
        ),
        args={"form": "arrow"},
        arms=contenders(
            "scan.contains.",
            pyarrow="compute.match_substring.",
            pandas="str.contains with regex=False of a str series.",
            polars="str.contains with literal=True.",
            stringzilla="A list comprehension with `in` over Strs.",
            numpy="strings.find of a StringDType array.",
        ),
        kind="dram",
        keep=_whole("rows"),
        note="Time per line of 20 to 200 bytes, 16384 to a call. Sparse: few lines hit; dense: more than one in ten.",
    ),
    side_by_side(
        name="contains_list",
        title="Lines that contain a word, out of a list",
        kernel=python_kernel(peers_text.contains),
        item="row",
        input=inputs.lines,
        factors=(work(contains_list={"needle": "raise ValueError"}), sizes("rows", 100_000)),
        args={"form": "list"},
        arms=contenders("scan.contains.", list_comprehension="A list comprehension with `in`."),
        kind="dram",
        keep=_whole("rows"),
        note="Time per line of 20 to 200 bytes, 16384 to a call.",
    ),
    side_by_side(
        name="numpy",
        title="Arrays beyond the caches, from Python",
        kernel=python_kernel(peers_arrays.streams),
        item="64 bytes",
        factors=(work(copy={"op": "copy"}, triad={"op": "triad"}), Factor("array", arrays)),
        arms=contenders(
            "lab.memory.stream.",
            numpy="NumPy with an output given: copyto, or multiply and add.",
        ),
        kind="dram",
        note="Time per 64 bytes of output.",
    ),
)

PARSE = (
    parsing(
        name="lex",
        title="Python source to tokens",
        kernel=python_kernel(peers_parse.each),
        input=inputs.some_sources,
        factors=(work(lex={"stage": "lex"}),),
        arms=contenders("lab.translation, tokens as columns.", cpython="CPython's own tokenizer, a tuple per token."),
        note="Time per byte of source, 20 files spread evenly over the corpus.",
    ),
    parsing(
        name="parse",
        title="Python source to a syntax tree",
        kernel=python_kernel(peers_parse.each),
        input=inputs.some_sources,
        factors=(work(parse={"stage": "parse"}),),
        arms=contenders(
            "lab.translation, a tree in C.",
            ast="ast.parse: a tree of Python objects.",
            tree_sitter="tree_sitter's parser: a concrete tree in C.",
        ),
        note="Time per byte of source, 20 files spread evenly over the corpus; the trees differ in what they keep.",
    ),
    parsing(
        name="parse_small",
        title="Small Python sources to syntax trees",
        kernel=python_kernel(peers_parse.each),
        input=inputs.small_sources,
        factors=(work(parse_small={"stage": "parse"}),),
        arms=contenders(
            "lab.translation, a tree in C.",
            ast="ast.parse: a tree of Python objects.",
            libcst="libcst.parse_module: a concrete tree of Python objects.",
            parso="parso's grammar: a concrete tree of Python objects.",
        ),
        note="Time per byte of source, ten files of 2 to 8 KB; calling ours from Python takes a part of it.",
    ),
    parsing(
        name="parse_whole",
        title="Python source to a syntax tree, by a program",
        kernel=python_kernel(peers_parse.whole),
        input=inputs.sample,
        factors=(work(parse_whole={}),),
        arms=contenders(
            "lab.translation, a tree in C.",
            ruff="ruff check without a rule that looks at the tree: a process of one thread, started for each source.",
        ),
        note="Time per byte of one source of 2 MB, files of the corpus end to end.",
    ),
    parsing(
        name="dump",
        title="Python source to the text of its syntax tree",
        kernel=python_kernel(peers_parse.each),
        input=inputs.small_sources,
        factors=(work(dump={"stage": "text"}),),
        arms=contenders("lab.translation, the same text.", ast="ast.dump of ast.parse, with attributes."),
        note="Time per byte of source, ten files of 2 to 8 KB.",
    ),
)

EXPERIMENT = Experiment(
    name="peers",
    title="Peers: the memory layer beside what one would pick instead",
    question="Is the memory layer faster than what a user would pick instead?",
    groups=NATIVE + TEXT + PARSE,
    limits=(
        "Every contender is called as its own documentation shows, through Python where it is a Python library: the"
        " cores of StringZilla and NumPy may be faster than their Python faces. Our interner is cleared and filled"
        " again, so its memory is warm; ours_fresh is a new one each time. str objects keep their hashes from one"
        " iteration to the next, which favours the dict loop and sys.intern. The trees and objects are held for a"
        " moment, in the steady state of every allocator. Works on two threads depend on two free processors."
        " Parsers build different trees: ours and tree_sitter's lie in C, those of the others are Python objects, and"
        " ruff is a program that also starts, reads its input and scans for comments."
    ),
)
