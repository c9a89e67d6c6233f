import { useQuery } from '@tanstack/react-query';
import { problem } from '@/api/problem';

// What may not be there at all, such as a set-up nobody made: null then, and no error. As an error it would count as
// never asked, and whatever is on the screen would go away each time it is asked anew.
export function useMaybe<Data>(path: string, named: string, absent: string, ask: () => Promise<{ data?: Data }>, enabled = true) {
    return useQuery({
        queryKey: ['get', path, named],
        queryFn: async () => {
            try {
                return (await ask()).data ?? null;
            } catch (error) {
                if (problem(error).code === absent) {
                    return null;
                }
                throw error;
            }
        },
        enabled,
    });
}
