// Runs the two viewer functions as CloudFront would: JSON lines in, JSON lines out.
//
// Line 1: {"request": source, "response": source}. Every further line is one call:
//   {"call": "request" | "response", "event", "kvs": {key: value} | null, "tenant": {..} | null, "now": ms | null}
// answered by {"result", "reads": [keys of the store that were read], "notes": [lines logged]} or {"error"}.
//
// Each function is a module in a context of its own, which holds the language and nothing of
// Node's; `cloudfront` and `crypto` offer what the runtime's modules offer.
import crypto from 'node:crypto';
import readline from 'node:readline';
import vm from 'node:vm';

let call;

const cloudfront = {
    kvs() {
        if (!call.kvs) {
            throw new Error('no key value store is associated');
        }
        return {
            async get(key) {
                call.reads.push(key);
                if (!Object.hasOwn(call.kvs, key)) {
                    throw new Error('KeyNotFound');
                }
                return call.kvs[key];
            },
        };
    },
    get distributionTenant() {
        if (!call.tenant) {
            throw new TypeError('distributionTenant module is not available');
        }
        return {
            id: 'dt_test',
            parameters: {
                get(key) {
                    if (!Object.hasOwn(call.tenant, key)) {
                        throw new Error('DistributionTenantParameterKeyNotFound');
                    }
                    return call.tenant[key];
                },
            },
        };
    },
};

function load(name) {
    if (name !== 'crypto') {
        throw new Error(`no module ${name}`);
    }
    return {
        createHash(algorithm) {
            if (!['md5', 'sha1', 'sha256'].includes(algorithm)) {
                throw new Error(`no algorithm ${algorithm}`);
            }
            return crypto.createHash(algorithm);
        },
        createHmac(algorithm, key) {
            if (!['md5', 'sha1', 'sha256'].includes(algorithm) || typeof key !== 'string') {
                throw new Error(`no algorithm ${algorithm}, or no key`);
            }
            return crypto.createHmac(algorithm, key);
        },
    };
}

async function functionOf(source) {
    const context = vm.createContext(
        { require: load, now: () => call.now, console: { log: (text) => call.notes.push(text) } },
        { codeGeneration: { strings: false, wasm: false } },
    );
    vm.runInContext('{ const f = now; delete globalThis.now; Date.now = () => f(); }', context);
    const module = new vm.SourceTextModule(`${source}\nexport { handler };`, { context });
    await module.link((name) => {
        if (name !== 'cloudfront') {
            throw new Error(`no module ${name}`);
        }
        const made = new vm.SyntheticModule(['default'], () => made.setExport('default', cloudfront), { context });
        return made;
    });
    await module.evaluate();
    return module.namespace.handler;
}

async function answer(functions, line) {
    call = { ...JSON.parse(line), reads: [], notes: [] };
    call.now ??= Date.now();
    const { event } = call;
    if (call.raw_query !== undefined) {
        const query = call.raw_query;
        Object.defineProperty(event.request, 'rawQueryString', { value: () => query ?? undefined });
    }
    try {
        return { result: await functions[call.call](event), reads: call.reads, notes: call.notes };
    } catch (error) {
        return { error: String(error?.stack ?? error) };
    }
}

const lines = readline.createInterface({ input: process.stdin })[Symbol.asyncIterator]();
const sources = JSON.parse((await lines.next()).value);
const functions = {
    request: await functionOf(sources.request),
    response: await functionOf(sources.response),
};
for await (const line of lines) {
    process.stdout.write(`${JSON.stringify(await answer(functions, line))}\n`);
}
