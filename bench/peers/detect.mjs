// Asks @netlify/build-info and @vercel/frameworks what is in each of the folders named on stdin (a JSON list).
// Prints {"netlify": [answer per folder], "vercel": [...]}, an answer being {framework, manager, build, output}.
import { readFile } from 'node:fs/promises'
import { text } from 'node:stream/consumers'

import { Project } from '@netlify/build-info'
import { NodeFS } from '@netlify/build-info/node'
import frameworks from '@vercel/frameworks'
import detectors from '@vercel/fs-detectors'

const silent = { debug() {}, log() {}, info() {}, warn() {}, error() {} }

async function netlify(folder) {
  const fs = new NodeFS()
  fs.cwd = folder
  fs.logger = silent
  const project = new Project(fs, folder).setEnvironment({}).setNodeVersion(process.version)
  const [first] = await project.getBuildSettings()
  return {
    framework: first?.framework?.id ?? null,
    manager: project.packageManager?.name ?? null,
    build: first?.buildCommand ?? null,
    output: first?.dist ?? null,
  }
}

// Vercel's build runs the script `build` where there is one, otherwise the framework's command, and asks
// the framework for the folder where it has more than a constant.
async function vercel(folder) {
  const fs = new detectors.LocalFileSystemDetector(folder)
  const found = await detectors.detectFrameworkRecord({ fs, frameworkList: frameworks.frameworkList })
  const manager = await detectors.detectFramework({ fs, frameworkList: detectors.packageManagers })
  const scripts = await readFile(`${folder}/package.json`, 'utf8').then((raw) => JSON.parse(raw).scripts ?? {}, () => ({}))
  const usual = found?.settings.buildCommand.value ?? null
  const output = found?.settings.outputDirectory.value ?? (await found?.getOutputDirName?.(folder).catch(() => null))
  return {
    framework: found?.slug ?? null,
    manager,
    build: scripts.build && !found?.ignorePackageJsonScript ? 'npm run build' : usual,
    output: output ?? null,
  }
}

async function each(folders, ask) {
  const answers = []
  for (const folder of folders) answers.push(await ask(folder).catch((error) => ({ error: String(error) })))
  return answers
}

const folders = JSON.parse(await text(process.stdin))
console.log(JSON.stringify({ netlify: await each(folders, netlify), vercel: await each(folders, vercel) }))
