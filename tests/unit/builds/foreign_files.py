"""A site, and how other platforms would be told to build it."""

from chalicelib.builds.rules.model import Plan, Settings
from chalicelib.builds.rules.plan import Where, make_plan
from tests.unit.builds.repos import LOCK, found, package

SITE = {
    "package.json": package("vite", "react", scripts={"build": "vite build"}),
    "package-lock.json": LOCK,
}

NETLIFY = """\
[build]
base = "web"
command = "npm ci && npm run build"
publish = "dist"
ignore = "git diff --quiet"
[build.environment]
NODE_VERSION = "18.19.0"
SITE = "all"
[context.production.environment]
SITE = "live"
[context.deploy-preview]
command = "npm run preview"
[context.staging.environment]
SITE = "staging"
[[plugins]]
package = "@netlify/plugin-lighthouse"
[[redirects]]
from = "/*"
to = "/index.html"
status = 200
[[redirects]]
from = "/old"
to = "/new"
[functions]
directory = "api"
"""
RENDER = """\
services:
  - type: web
    name: api
    runtime: node
  - type: web
    name: site
    runtime: static
    rootDir: web
    buildCommand: npm ci; npm run build
    staticPublishPath: ./dist
    pullRequestPreviewsEnabled: true
    buildFilter:
      paths: [web/**]
      ignoredPaths: ["web/**/*.md"]
    envVars:
      - key: SITE
        value: live
      - key: TOKEN
        sync: false
    routes:
      - type: rewrite
        source: /*
        destination: /index.html
      - type: redirect
        source: /a
        destination: /b
    headers:
      - path: /*
        name: X-Frame-Options
        value: DENY
databases:
  - name: db
"""
AMPLIFY = """\
version: 1
applications:
  - appRoot: web
    env:
      variables:
        SITE: live
    frontend:
      phases:
        preBuild:
          commands: [npm ci]
        build:
          commands:
            - npm run lint
            - npm run build
        postBuild:
          commands: ["ls dist"]
      artifacts:
        baseDirectory: /dist
        files: ['**/*']
      cache:
        paths: [node_modules/**/*]
    test:
      phases:
        test:
          commands: [npm test]
    backend:
      phases: {}
"""
BUILDSPEC = """\
version: 0.2
run-as: root
env:
  variables:
    SITE: live
  parameter-store:
    TOKEN: /site/token
phases:
  install:
    runtime-versions:
      nodejs: 18
      java: corretto17
    commands:
      - npm ci
  pre_build:
    on-failure: CONTINUE
    commands:
      - npm run lint
  build:
    commands:
      - npm test
      - npm run build
    finally:
      - echo done
  post_build:
    commands:
      - aws s3 sync dist s3://bucket
      - ls dist
reports:
  unit:
    files: ["*.xml"]
    base-directory: reports
    file-format: JUNITXML
  cover:
    files: [c.xml]
    file-format: COBERTURAXML
artifacts:
  base-directory: dist
  files: ['**/*']
cache:
  paths: [node_modules]
"""


def planned(name: str, text: str, where: Where | None = None, **given: object) -> Plan:
    inside = {f"web/{path}": content for path, content in SITE.items()}
    files = {**inside, **SITE, name: text}
    return make_plan(found(files), Settings(**given), "p", where or Where())  # type: ignore[arg-type]


def verdicts(plan: Plan) -> dict[str, str]:
    return {said.key: said.verdict for said in plan.report}


def line(plan: Plan, key: str) -> int | None:
    return next(said.line for said in plan.report if said.key == key)
