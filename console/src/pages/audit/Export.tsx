import { Button, Group, SegmentedControl, Stack } from '@mantine/core';
import { IconDownload } from '@tabler/icons-react';
import { useRef, useState } from 'react';
import { api } from '@/api/client';
import { CommandLine } from '@/parts/CommandLine';
import { Fault } from '@/parts/Fault';
import { done } from '@/parts/notices';
import { Panel } from '@/parts/Panel';
import { bytes } from '@/parts/units';
import { useWrite } from '@/parts/write';

type Format = 'jsonl' | 'csv';

// A page of CSV begins with the names of its columns: only the first keeps them.
export function joined(format: Format, page: string, first: boolean): string {
    return format === 'csv' && !first ? page.slice(page.indexOf('\n') + 1) : page;
}

// Fetches the whole log page by page and hands it over as one file.
export function Export({ team }: { team: string }) {
    const [format, setFormat] = useState<Format>('jsonl');
    const [got, setGot] = useState(0);
    const stopped = useRef(false);
    const write = useWrite();
    const fetchAll = () =>
        write.run(async () => {
            stopped.current = false;
            setGot(0);
            const pages: string[] = [];
            for (let cursor: string | undefined, size = 0; ; ) {
                const { data, response } = await api.GET('/v1/teams/{team}/audit/export', { params: { path: { team }, query: { format, cursor, limit: 1000 } }, parseAs: 'text' });
                if (stopped.current) {
                    return;
                }
                pages.push(joined(format, data ?? '', pages.length === 0));
                size += data?.length ?? 0;
                setGot(size);
                cursor = response.headers.get('X-Next-Cursor') ?? undefined;
                if (!cursor) {
                    break;
                }
            }
            keep(new Blob(pages, { type: format === 'csv' ? 'text/csv' : 'application/jsonl' }), `audit-${team}.${format}`);
            done('The export is in your downloads.');
        });
    return (
        <Panel title="Export" about="All of it, oldest first.">
            <Stack>
                <SegmentedControl
                    aria-label="Format"
                    value={format}
                    onChange={value => setFormat(value as Format)}
                    data={[
                        { value: 'jsonl', label: 'JSON lines' },
                        { value: 'csv', label: 'CSV' },
                    ]}
                />
                <Group>
                    <Button leftSection={<IconDownload size={16} />} loading={write.busy} onClick={() => void fetchAll()}>
                        Download
                    </Button>
                    {write.busy && (
                        <Button variant="default" onClick={() => (stopped.current = true)}>
                            Stop
                        </Button>
                    )}
                    <span role="status" className="soft">
                        {write.busy && `${bytes(got)} so far`}
                    </span>
                </Group>
                {write.fault && <Fault of={write.fault} />}
                <CommandLine about="JSON lines can be verified on your machine, asking nobody" text={`deck audit verify --file audit-${team}.jsonl`} />
            </Stack>
        </Panel>
    );
}

function keep(file: Blob, name: string): void {
    const link = document.createElement('a');
    link.href = URL.createObjectURL(file);
    link.download = name;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}
