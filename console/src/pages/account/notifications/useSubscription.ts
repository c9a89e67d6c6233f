import { useCallback, useEffect, useState } from 'react';
import { stale } from '@/api/query';
import { current } from '@/push/subscription';

// What this browser is subscribed with, and what to call after that changed.
export function useSubscription() {
    const [subscription, setSubscription] = useState<PushSubscription | null>(null);
    const look = useCallback(() => {
        current()
            .then(setSubscription)
            .catch(() => setSubscription(null));
    }, []);
    useEffect(look, [look]);
    const changed = useCallback(() => {
        look();
        stale('/v1/me/push');
    }, [look]);
    return { subscription, changed };
}
