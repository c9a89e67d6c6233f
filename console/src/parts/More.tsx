import { Button, Center } from '@mantine/core';

// The way to the next page of a list; nothing at its end.
export function More({ of }: { of: { hasNextPage: boolean; isFetchingNextPage: boolean; fetchNextPage: () => unknown } }) {
    if (!of.hasNextPage) {
        return null;
    }
    return (
        <Center>
            <Button variant="default" loading={of.isFetchingNextPage} onClick={() => void of.fetchNextPage()}>
                More
            </Button>
        </Center>
    );
}
