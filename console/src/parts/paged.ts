// How lists that come in pages are asked for, with `$api.useInfiniteQuery(method, path, init, paged)`.
export const paged = {
    pageParamName: 'cursor',
    // Not undefined: in its place the library sends 0.
    initialPageParam: null as never,
    getNextPageParam: (page: { next?: string | null }) => page.next ?? undefined,
};
