// Gathers what has to be done again: the first of a burst waits a moment, the rest of it comes along, and a stream that
// does not end is answered every `most` milliseconds at the most.
export function batched<Item>(work: (items: Set<Item>) => void, first = 150, most = 1000): { add: (...items: Item[]) => void; clear: () => void } {
    let items = new Set<Item>();
    let waiting: ReturnType<typeof setTimeout> | undefined;
    let last = Number.NEGATIVE_INFINITY;
    const run = () => {
        waiting = undefined;
        last = performance.now();
        const done = items;
        items = new Set();
        work(done);
    };
    return {
        add: (...more) => {
            more.forEach(item => items.add(item));
            waiting ??= setTimeout(run, Math.max(first, last + most - performance.now()));
        },
        clear: () => {
            clearTimeout(waiting);
            waiting = undefined;
            items.clear();
        },
    };
}
