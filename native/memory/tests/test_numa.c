/* NUMA: trees of machines that are not here, placement and its refusal, threads held to a node, failures. */
#include "check.h"
#include "platform/platform.h"
#include <pthread.h>
#include <sys/stat.h>
#include <unistd.h>

#if defined(_WIN32)
#include <direct.h>
#include <io.h>
#define make_folder(path) _mkdir(path)
#define make_new_folder(name) (_mktemp(name) != NULL && _mkdir(name) == 0)
#else
#define make_folder(path) mkdir(path, 0700)
#define make_new_folder(name) (mkdtemp(name) != NULL)
#endif

/* A directory as the kernel shows it, made of pairs of name and text. */
typedef struct tree {
    char root[32];
} tree;

static void write_file(const char *path, const char *text) {
    FILE *file = fopen(path, "w");
    CHECK(file != NULL && fputs(text, file) >= 0 && fclose(file) == 0);
}

static tree tree_new(const char *online, const char *has_memory) {
    tree t = {"pm_nodes_XXXXXX"};
    char path[64];
    CHECK(make_new_folder(t.root));
    snprintf(path, sizeof path, "%s/online", t.root);
    write_file(path, online);
    if (has_memory != NULL) {
        snprintf(path, sizeof path, "%s/has_memory", t.root);
        write_file(path, has_memory);
    }
    return t;
}

static void tree_add(const tree *t, int node, const char *cpus, size_t kilobytes) {
    char path[64], text[128];
    snprintf(path, sizeof path, "%s/node%d", t->root, node);
    CHECK(make_folder(path) == 0);
    snprintf(path, sizeof path, "%s/node%d/cpulist", t->root, node);
    write_file(path, cpus);
    snprintf(path, sizeof path, "%s/node%d/meminfo", t->root, node);
    snprintf(text, sizeof text, "Node %d MemTotal:  %zu kB\nNode %d MemFree:  1 kB\n", node, kilobytes, node);
    write_file(path, text);
}

static void tree_free(const tree *t) {
    const char *names[] = {"online", "has_memory"};
    char path[64];
    for (size_t i = 0; i < 2; i++) {
        snprintf(path, sizeof path, "%s/%s", t->root, names[i]);
        unlink(path);
    }
    for (int node = 0; node < PM_NUMA_NODES_MAX; node++) {
        snprintf(path, sizeof path, "%s/node%d/cpulist", t->root, node);
        if (unlink(path) == 0) {
            snprintf(path, sizeof path, "%s/node%d/meminfo", t->root, node);
            unlink(path);
            snprintf(path, sizeof path, "%s/node%d", t->root, node);
            rmdir(path);
        }
    }
    CHECK(rmdir(t->root) == 0);
}

static pm_numa_topology *read_tree(const tree *t) {
    pm_numa_topology *topology = NULL;
    CHECK_OK(pm_numa_topology_new(t->root, &topology));
    tree_free(t);
    return topology;
}

static void check_node(const pm_numa_topology *topology, size_t index, pm_numa_node expected) {
    pm_numa_node node;
    CHECK_OK(pm_numa_read_node(topology, index, &node));
    CHECK_EQUAL(expected.node, node.node);
    CHECK_EQUAL(expected.cpu_count, node.cpu_count);
    CHECK_EQUAL(expected.memory_bytes, node.memory_bytes);
    CHECK_EQUAL(expected.has_memory, node.has_memory);
}

static void machines_of_one_two_and_four_nodes_are_read(void) {
    for (int count = 1; count <= 4; count *= 2) {
        char online[16];
        snprintf(online, sizeof online, count == 1 ? "0\n" : "0-%d\n", count - 1);
        tree t = tree_new(online, online);
        for (int node = 0; node < count; node++) {
            char cpus[32];
            snprintf(cpus, sizeof cpus, "%d-%d,%d\n", node * 4, node * 4 + 3, 100 + node);
            tree_add(&t, node, cpus, 1024 * (size_t)(node + 1));
        }
        pm_numa_topology *topology = read_tree(&t);
        CHECK_EQUAL(count, pm_numa_node_count(topology));
        for (int node = 0; node < count; node++) {
            check_node(topology, (size_t)node, (pm_numa_node){node, 5, (uint64_t)(node + 1) << 20, true});
            CHECK(pm_numa_has_cpu(topology, node, (size_t)node * 4 + 3));
            CHECK(pm_numa_has_cpu(topology, node, 100 + (size_t)node));
            CHECK(!pm_numa_has_cpu(topology, node, (size_t)node * 4 + 4));
        }
        pm_numa_node none;
        CHECK_EQUAL(PM_NOT_FOUND, pm_numa_read_node(topology, (size_t)count, &none));
        CHECK(!pm_numa_has_cpu(topology, count, 0) && !pm_numa_has_cpu(topology, 0, SIZE_MAX));
        pm_numa_topology_free(topology);
    }
    pm_numa_topology_free(NULL);
}

static void nodes_without_processors_or_memory_and_gaps_are_read(void) {
    tree t = tree_new("0,8,252-253\n", "0,252\n");
    tree_add(&t, 0, "0-3\n", 4096);
    tree_add(&t, 1, "4-7\n", 4096); /* off line: it is no node */
    tree_add(&t, 8, "8191\n", 0);
    tree_add(&t, 252, "\n", 2048); /* 253 went off line after the list was written */
    pm_numa_topology *topology = read_tree(&t);
    CHECK_EQUAL(3, pm_numa_node_count(topology));
    check_node(topology, 0, (pm_numa_node){0, 4, 4096 << 10, true});
    check_node(topology, 1, (pm_numa_node){8, 1, 0, false});
    check_node(topology, 2, (pm_numa_node){252, 0, 2048 << 10, true});
    pm_numa_memory memory;
    CHECK_EQUAL(PM_NOT_FOUND, pm_numa_alloc(topology, 1, PM_NUMA_PINNED, 1, PM_PAGES_PLAIN, &memory));
    CHECK_EQUAL(PM_NOT_FOUND, pm_numa_alloc(topology, 1, PM_NUMA_PINNED, 8, PM_PAGES_PLAIN, &memory));
    CHECK_EQUAL(PM_INVALID, pm_numa_alloc(topology, 1, (pm_numa_strategy)3, 0, PM_PAGES_PLAIN, &memory));
    pm_numa_affinity before;
    CHECK_EQUAL(PM_NOT_FOUND, pm_numa_pin_thread(topology, 1, &before));
    CHECK_EQUAL(PM_UNSUPPORTED, pm_numa_pin_thread(topology, 252, &before)); /* it has no processor */
    pm_numa_topology_free(topology);
}

static void a_kernel_that_lists_no_memory_tells_its_size(void) {
    tree t = tree_new("0-1", NULL);
    tree_add(&t, 0, "0", 0);
    tree_add(&t, 1, "1", 7);
    pm_numa_topology *topology = read_tree(&t);
    check_node(topology, 0, (pm_numa_node){0, 1, 0, false});
    check_node(topology, 1, (pm_numa_node){1, 1, 7 << 10, true});
    pm_numa_topology_free(topology);
}

static void a_system_without_nodes_is_one_node(void) {
    pm_numa_topology *topology = NULL;
    CHECK_OK(pm_numa_topology_new("pm_no_such_directory", &topology));
    CHECK_EQUAL(1, pm_numa_node_count(topology));
    pm_numa_node node;
    CHECK_OK(pm_numa_read_node(topology, 0, &node));
    CHECK(node.node == 0 && node.has_memory);
    pm_numa_topology_free(topology);
}

static void lists_that_are_written_otherwise_are_refused(void) {
    const char *texts[] = {"x", "0-", "1-0", "0,,1", "0 1", "1024", "0-99999999999999999999", "-1", ""};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        tree t = tree_new(texts[i], NULL);
        pm_numa_topology *topology = NULL;
        CHECK_EQUAL(PM_INVALID, pm_numa_topology_new(t.root, &topology));
        CHECK(topology == NULL);
        tree_free(&t);
        if (texts[i][0] == '\0' || strcmp(texts[i], "1024") == 0) {
            continue; /* fine as a list of processors */
        }
        t = tree_new("0", NULL);
        tree_add(&t, 0, texts[i], 1);
        CHECK_EQUAL(PM_INVALID, pm_numa_topology_new(t.root, &topology));
        tree_free(&t);
    }
}

/* Zero, writable, and on the nodes that the kernel tells. */
static void use(pm_numa_memory *memory) {
    uint64_t pages[PM_NUMA_NODES_MAX] = {0}, absent = 0, present = 0;
    for (size_t i = 0; i < memory->pages.bytes; i += 512) {
        CHECK_EQUAL(0, memory->pages.data[i]);
        memory->pages.data[i] = 1;
    }
    if (pm_numa_count_pages(memory->pages.data, memory->pages.bytes, pages, PM_NUMA_NODES_MAX, &absent) == PM_OK) {
        for (size_t node = 0; node < PM_NUMA_NODES_MAX; node++) {
            present += pages[node];
        }
        CHECK_EQUAL(memory->pages.bytes / pm_platform_page_bytes(), present + absent);
        CHECK_EQUAL(0, absent);
        CHECK(!memory->placed || memory->asked != PM_NUMA_PINNED || pages[memory->node] == present);
    }
}

static void every_strategy_gives_memory_and_says_how(void) {
    pm_numa_topology *topology = NULL;
    CHECK_OK(pm_numa_topology_new(NULL, &topology));
    pm_numa_node first;
    CHECK_OK(pm_numa_read_node(topology, 0, &first));
    for (int strategy = PM_NUMA_LOCAL; strategy <= PM_NUMA_PINNED; strategy++) {
        for (int kind = PM_PAGES_PLAIN; kind <= PM_PAGES_EXPLICIT; kind++) {
            pm_numa_memory memory;
            CHECK_OK(
                pm_numa_alloc(topology, 3000000, (pm_numa_strategy)strategy, first.node, (pm_pages_kind)kind, &memory));
            CHECK(memory.placed == (memory.reason[0] == '\0'));
            CHECK_EQUAL(strategy == PM_NUMA_PINNED ? first.node : -1, memory.asked_node);
            CHECK(pm_numa_node_count(topology) > 1 || (!memory.placed && memory.error == 0 && memory.node == -1));
            use(&memory);
            pm_numa_free(&memory);
            pm_numa_free(&memory);
        }
    }
    pm_numa_topology_free(topology);
}

static void a_refused_placement_leaves_plain_pages(void) {
    tree t = tree_new("0,1000-1001", "0,1000-1001");
    tree_add(&t, 0, "0", 1);
    tree_add(&t, 1000, "1", 1); /* nodes that no kernel here has */
    tree_add(&t, 1001, "2", 1);
    pm_numa_topology *topology = read_tree(&t);
    pm_numa_memory memory;
    CHECK_OK(pm_numa_alloc(topology, 100000, PM_NUMA_PINNED, 1000, PM_PAGES_PLAIN, &memory));
    CHECK(!memory.placed && memory.error != 0 && memory.node == -1 && memory.asked_node == 1000);
    CHECK(strstr(memory.reason, "mbind refused: ") == memory.reason);
    use(&memory);
    pm_numa_free(&memory);
    for (int strategy = PM_NUMA_LOCAL; strategy <= PM_NUMA_INTERLEAVED; strategy++) {
        pm_fault_after(2); /* the mapping, then the placement */
        CHECK_OK(pm_numa_alloc(topology, 100000, (pm_numa_strategy)strategy, 0, PM_PAGES_PLAIN, &memory));
        const bool asked = memory.error != 0; /* not where the system does not even tell the node of a thread */
        CHECK(!memory.placed && memory.reason[0] != '\0' && (asked || strategy == PM_NUMA_LOCAL));
        CHECK_EQUAL(asked ? 0 : 1, pm_fault_pending());
        pm_fault_after(0);
        use(&memory);
        pm_numa_free(&memory);
    }
    pm_numa_topology_free(topology);
}

static void placements_that_the_kernel_takes_are_said(void) {
    tree t = tree_new("0,1000", "0,1000");
    tree_add(&t, 0, "0", 1);
    tree_add(&t, 1000, "1", 1);
    pm_numa_topology *topology = read_tree(&t);
    pm_numa_memory memory;
    CHECK_OK(pm_numa_alloc(topology, 100000, PM_NUMA_PINNED, 0, PM_PAGES_PLAIN, &memory));
    CHECK(memory.placed ? memory.node == 0 && memory.error == 0 : memory.error != 0); /* where mbind is forbidden */
    use(&memory);
    pm_numa_free(&memory);
    pm_numa_topology_free(topology);
}

static void pages_that_were_never_written_hold_no_memory(void) {
    pm_numa_topology *topology = NULL;
    CHECK_OK(pm_numa_topology_new(NULL, &topology));
    pm_numa_memory memory;
    CHECK_OK(pm_numa_alloc(topology, 1 << 20, PM_NUMA_LOCAL, 0, PM_PAGES_PLAIN, &memory));
    uint64_t pages[1] = {0}, absent = 0;
    const pm_status status = pm_numa_count_pages(memory.pages.data, memory.pages.bytes, pages, 1, &absent);
    CHECK(status == PM_UNSUPPORTED || absent == memory.pages.bytes / pm_platform_page_bytes());
    pm_numa_free(&memory);
    pm_numa_topology_free(topology);
}

static void *pin_and_restore(void *argument) {
    const pm_numa_topology *topology = argument;
    pm_numa_affinity before, again;
    pm_numa_node node;
    for (size_t i = 0; pm_numa_read_node(topology, i, &node) == PM_OK; i++) {
        const pm_status status = pm_numa_pin_thread(topology, node.node, &before);
        if (status == PM_OK) {
            CHECK_OK(pm_numa_pin_thread(topology, node.node, &again));
            for (size_t cpu = 0; cpu < PM_NUMA_CPUS_MAX; cpu++) {
                const bool allowed = (again.cpus[cpu / 64] >> cpu % 64 & 1) != 0;
                CHECK(!allowed || pm_numa_has_cpu(topology, node.node, cpu));
            }
            CHECK_OK(pm_numa_restore_thread(&before));
            CHECK_OK(pm_numa_pin_thread(topology, node.node, &again));
            CHECK(memcmp(&before, &again, sizeof before) == 0);
            CHECK_OK(pm_numa_restore_thread(&before));
        }
    }
    return NULL;
}

static void a_thread_is_held_to_a_node_and_let_go(void) {
    pm_numa_topology *topology = NULL;
    CHECK_OK(pm_numa_topology_new(NULL, &topology));
    pthread_t thread;
    CHECK(pthread_create(&thread, NULL, pin_and_restore, topology) == 0);
    CHECK(pthread_join(thread, NULL) == 0);
    pm_numa_topology_free(topology);
}

static pm_status read_nodes(void) {
    pm_numa_topology *topology = NULL;
    const pm_status status = pm_numa_topology_new(NULL, &topology);
    pm_numa_topology_free(topology);
    return status;
}

static void every_refused_allocation_is_an_error(void) {
    check_every_failure(read_nodes);
}

int main(void) {
    RUN(machines_of_one_two_and_four_nodes_are_read);
    RUN(nodes_without_processors_or_memory_and_gaps_are_read);
    RUN(a_kernel_that_lists_no_memory_tells_its_size);
    RUN(a_system_without_nodes_is_one_node);
    RUN(lists_that_are_written_otherwise_are_refused);
    RUN(every_strategy_gives_memory_and_says_how);
    RUN(a_refused_placement_leaves_plain_pages);
    RUN(placements_that_the_kernel_takes_are_said);
    RUN(pages_that_were_never_written_hold_no_memory);
    RUN(a_thread_is_held_to_a_node_and_let_go);
    RUN(every_refused_allocation_is_an_error);
    return 0;
}
