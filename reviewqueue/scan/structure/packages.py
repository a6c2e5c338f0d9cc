"""The packages that the lines of a manifest name, and which of them everybody knows.

No manifest is parsed: a line is read as it is commonly written. What is widely used is known by
heart and per ecosystem, since a name that everybody knows in one is a stranger's in another.
"""

import re
from collections.abc import Mapping
from functools import lru_cache

from reviewqueue.domain.paths import fold
from reviewqueue.scan.rule import FileView


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_ENTRY = (
    re.compile(
        r"^\s*[\"']((?:@?[\w.-]+/)?[A-Za-z][\w.-]*)[\"']\s*(?::|=>)\s*[\"'{]?\s*[\^~>=<*\dvlnwx]"
    ),
    re.compile(r"^\s*[\"']?([A-Za-z][\w.-]*)(?:\[[\w,\s-]*\])?\s*(?:[=~<>!]=|[<>])\s*[\d*]"),
    re.compile(r"^\s*([A-Za-z][\w-]*)\s*=\s*(?:[\"'][\^~>=<*\d]|\{[^\n]*version)"),
    re.compile(r"^\s*(?:require\s+)?((?:[\w-]+\.)+[\w-]+/[\w./-]+)\s+v\d"),
    re.compile(r"^\s*gem\s+[\"']([\w-]+)[\"']"),
    re.compile(r"^\s*<artifactId>([\w.-]+)</artifactId>"),
    re.compile(r"^\s*<PackageReference\s+(?:Include|Update)=\"([\w.-]+)\""),
    re.compile(r"^\s*<groupId>([\w.-]+)</groupId>"),
)
_BARE_NAME = re.compile(r"^\s*([A-Za-z][\w.-]*)\s*$")
_LISTS = (".txt", ".in")
"""Manifests that give names alone."""
_LONGEST = 300
"""Bytes of a line that are read."""
_NO_PACKAGES = _words(
    "version name node npm python rust-version edition engines main private module type ruby "
    "resolver license description go toolchain vscode pnpm yarn bun php packagemanager "
    "requires-python author browser types exports homepage"
)
_NODE = _words(
    "react react-dom react-native lodash lodash-es express axios chalk commander webpack "
    "typescript eslint prettier moment jquery underscore cross-env dotenv mongoose bluebird "
    "electron next vue nuxt svelte preact solid-js angular rxjs discord.js web3 ethers viem "
    "wagmi puppeteer puppeteer-core playwright playwright-core node-fetch body-parser "
    "socket.io socket.io-client nodemailer jsonwebtoken bcrypt bcryptjs passport minimist "
    "debug semver ua-parser-js event-stream colors faker ws uuid nanoid zod yup joi ajv dayjs "
    "date-fns luxon vitest jest mocha chai sinon nyc c8 tsx ts-node ts-jest esbuild vite "
    "rollup tsup turbo lerna nx husky lint-staged concurrently nodemon rimraf glob fast-glob "
    "globby minimatch micromatch picomatch ignore chokidar fs-extra mkdirp yargs yargs-parser "
    "inquirer prompts ora cli-table3 boxen execa shelljs which open got ky undici superagent "
    "supertest request form-data qs cors helmet morgan winston pino pino-pretty compression "
    "multer cookie-parser express-session express-rate-limit fastify hono koa restify redis "
    "ioredis pg mysql mysql2 sqlite3 better-sqlite3 mongodb knex sequelize typeorm prisma "
    "drizzle-orm drizzle-kit graphql apollo-server tailwindcss postcss autoprefixer sass less "
    "styled-components clsx classnames tailwind-merge class-variance-authority lucide-react "
    "react-icons react-router react-router-dom redux react-redux zustand jotai immer mobx swr "
    "framer-motion motion react-hook-form react-markdown remark-gfm remark-math rehype-katex "
    "rehype-raw rehype-highlight katex mermaid marked markdown-it dompurify highlight.js "
    "shiki prismjs cheerio jsdom happy-dom xml2js fast-xml-parser js-yaml yaml toml ini "
    "csv-parse papaparse xlsx exceljs archiver jszip adm-zip tar sharp jimp canvas pdf-lib "
    "pdfkit pdfjs-dist mammoth turndown three d3 chart.js recharts echarts leaflet mapbox-gl "
    "p5 xterm node-pty codemirror monaco-editor prosemirror-state slate quill openai ai "
    "langchain anthropic replicate tiktoken gpt-tokenizer stripe twilio firebase "
    "firebase-admin aws-sdk mailgun.js posthog-js posthog-node mixpanel core-js "
    "regenerator-runtime tslib babel-loader ts-loader css-loader style-loader file-loader "
    "html-webpack-plugin source-map source-map-support reflect-metadata zone.js async p-limit "
    "p-queue p-retry eventemitter3 lru-cache keyv mitt msw nock storybook sonner cmdk vaul "
    "fuse.js fuzzysort ethereumjs-util secp256k1 elliptic crypto-js tweetnacl bip39 argon2 "
    "otplib qrcode iconv-lite mime mime-types file-type dotenv-expand magic-string acorn "
    "recast ts-morph comlink workbox vscode-languageclient vscode-languageserver "
    "react-native-web expo globals typescript-eslint rehype-sanitize unified remark "
    "remark-parse remark-rehype react-query i18next react-i18next next-themes next-auth "
    "next-intl lottie-web swiper embla-carousel-react fastest-levenshtein diff jsdiff "
    "strip-ansi ansi-colors picocolors kleur wrap-ansi string-width cosmiconfig conf keytar "
    "node-cron cron bullmq bull amqplib kafkajs mqtt protobufjs long bignumber.js bn.js "
    "big.js decimal.js mathjs simple-git isomorphic-git octokit probot dockerode ssh2 "
    "node-forge jose jwt-decode ms bytes pluralize slugify vite-tsconfig-paths normalize.css "
    "bootstrap bulma animate.css"
)
_PYTHON = _words(
    "requests urllib3 numpy pandas django flask boto3 botocore setuptools cryptography "
    "python-dateutil pyyaml certifi charset-normalizer typing-extensions packaging pydantic "
    "pydantic-settings jinja2 click colorama fastapi sqlalchemy pillow scipy matplotlib "
    "tensorflow torch torchvision torchaudio transformers openai anthropic selenium "
    "beautifulsoup4 lxml pytest virtualenv pycryptodome paramiko psycopg2 psycopg2-binary "
    "psycopg pymongo redis celery scikit-learn tqdm aiohttp httpx jellyfish python-dotenv "
    "python-multipart python-jose python-docx python-pptx python-magic python-slugify "
    "python-json-logger pyjwt passlib bcrypt authlib oauthlib requests-oauthlib uvicorn "
    "gunicorn starlette websockets sse-starlette anyio trio asyncpg aiosqlite aiofiles "
    "alembic sqlmodel marshmallow attrs orjson ujson simplejson toml tomli tomlkit "
    "ruamel.yaml rich textual typer loguru structlog tenacity backoff cachetools diskcache "
    "filelock platformdirs psutil watchdog schedule apscheduler pytz tzdata arrow pendulum "
    "regex rapidfuzz nltk spacy gensim datasets huggingface-hub accelerate peft trl "
    "safetensors tokenizers sentencepiece tiktoken langchain langchain-core "
    "langchain-community langchain-openai langgraph llama-index chromadb faiss-cpu "
    "pinecone-client qdrant-client weaviate-client litellm google-genai google-generativeai "
    "google-cloud-storage google-auth azure-identity azure-storage-blob opencv-python imageio "
    "scikit-image seaborn plotly bokeh streamlit gradio dash networkx sympy statsmodels "
    "xgboost lightgbm catboost pyarrow polars duckdb dask ray mlflow wandb tensorboard jax "
    "flax keras numba cython pybind11 mypy ruff black isort flake8 pylint pytest-asyncio "
    "pytest-cov pytest-mock pytest-xdist hypothesis tox nox coverage factory-boy faker "
    "responses respx freezegun moto pre-commit build twine wheel hatchling poetry-core sphinx "
    "mkdocs mkdocs-material pypdf pypdf2 pdfplumber pymupdf reportlab openpyxl xlrd "
    "xlsxwriter markdown mistune markdownify html2text bleach playwright scrapy pyppeteer mcp "
    "fastmcp crewai autogen docker kubernetes ansible fabric pexpect sentry-sdk "
    "prometheus-client opentelemetry-api opentelemetry-sdk stripe twilio slack-sdk discord.py "
    "pyperclip keyring gitpython pygithub pygments prompt-toolkit questionary jsonschema "
    "jsonpatch deepdiff djangorestframework django-cors-headers whitenoise flask-cors "
    "flask-sqlalchemy einops timm diffusers vllm bitsandbytes"
)
_RUST = _words(
    "serde serde_json serde_yaml tokio reqwest clap anyhow thiserror rand regex syn quote "
    "proc-macro2 hyper chrono openssl rustls log env_logger tracing tracing-subscriber "
    "futures futures-util async-trait bytes once_cell lazy_static parking_lot crossbeam rayon "
    "itertools indexmap hashbrown smallvec bitflags uuid url http axum tower tower-http "
    "actix-web warp tonic prost sqlx diesel rusqlite redis toml dirs tempfile walkdir ignore "
    "globset glob which notify sha2 sha1 md5 hex base64 hmac aes ring ed25519-dalek libc nix "
    "winapi windows windows-sys objc2 core-foundation wayland-client wayland-protocols zbus "
    "image png time humantime indicatif console colored crossterm ratatui dashmap arc-swap "
    "num-traits num_cpus memchr nom pest semver strum strum_macros derive_more mockall "
    "proptest criterion insta assert_cmd predicates wiremock pretty_assertions schemars "
    "dotenvy config flate2 zip tar zstd bincode postcard rmp-serde csv quick-xml scraper git2 "
    "gix tauri wasm-bindgen js-sys web-sys getrandom serial_test sysinfo"
)
_RUBY = _words(
    "rails rspec rspec-rails nokogiri devise sidekiq puma rest-client bootstrap-sass faraday "
    "httparty pg mysql2 sqlite3 redis rake rack sinatra rubocop capybara factory_bot faker "
    "simplecov pry byebug bootsnap sprockets turbo-rails stimulus-rails importmap-rails "
    "jbuilder sassc-rails webmock vcr dotenv dotenv-rails bcrypt jwt pundit cancancan "
    "kaminari will_paginate carrierwave shrine aws-sdk aws-sdk-s3 mail money oj multi_json "
    "concurrent-ruby activesupport activerecord bundler strong_migrations"
)
_OTHERS = _words(
    "guzzle symfony laravel monolog phpunit guzzlehttp/guzzle symfony/console "
    "symfony/http-foundation laravel/framework monolog/monolog phpunit/phpunit nesbot/carbon "
    "ramsey/uuid newtonsoft.json xunit nunit moq serilog automapper mediatr dapper polly "
    "fluentassertions fluentvalidation swashbuckle.aspnetcore junit junit-jupiter "
    "mockito-core slf4j-api logback-classic jackson-databind gson guava lombok commons-lang3 "
    "commons-io assertj-core okhttp retrofit"
)
_HOUSES = (
    "github.com/gorilla/",
    "github.com/sirupsen/",
    "github.com/spf13/",
    "github.com/stretchr/",
    "github.com/aws/",
    "github.com/azure/",
    "github.com/google/",
    "github.com/hashicorp/",
    "github.com/prometheus/",
    "github.com/grpc-ecosystem/",
    "github.com/gin-gonic/",
    "github.com/go-chi/",
    "github.com/jackc/",
    "github.com/redis/",
    "github.com/mattn/",
    "github.com/charmbracelet/",
    "github.com/docker/",
    "github.com/containerd/",
    "github.com/golang-jwt/",
    "github.com/davecgh/",
    "github.com/pkg/",
    "github.com/fsnotify/",
    "github.com/fatih/",
    "github.com/burntsushi/",
    "github.com/stripe/",
    "github.com/go-sql-driver/",
    "github.com/lib/",
    "github.com/labstack/",
    "github.com/gofiber/",
    "github.com/nats-io/",
    "golang.org/x/",
    "google.golang.org/",
    "k8s.io/",
    "sigs.k8s.io/",
    "go.uber.org/",
    "go.opentelemetry.io/",
    "gopkg.in/",
    "cloud.google.com/",
    "microsoft.",
    "system.",
    "aws-sdk",
    "awssdk.",
    "azure.",
    "google.",
    "org.springframework",
    "org.apache.",
    "com.google.",
    "com.fasterxml.",
    "org.junit",
    "io.micrometer",
    "software.amazon.awssdk",
    "symfony/",
    "illuminate/",
    "laravel/",
    "types-",
    "eslint-",
    "babel-",
    "opentelemetry-",
    "google-cloud-",
    "azure-",
    "langchain-",
    "django-",
    "pytest-",
    "remark-",
    "rehype-",
    "wayland-",
    "windows-",
    "tree-sitter",
    "vite-plugin-",
)
"""Beginnings of the names of many packages of one house, or of a family of extensions."""
_ECOSYSTEMS: Mapping[str, frozenset[str]] = {
    "package.json": _NODE,
    "bower.json": _NODE,
    "deno.json": _NODE,
    "cargo.toml": _RUST,
    "gemfile": _RUBY,
    "pyproject.toml": _PYTHON,
    "pipfile": _PYTHON,
    "setup.cfg": _PYTHON,
}


def named(file: FileView, text: bytes) -> str:
    """Return the package that a line of a manifest names, in lower case; empty for none."""
    return _named(text[:_LONGEST], fold(file.path).endswith(_LISTS))


@lru_cache(maxsize=1 << 12)
def _named(text: bytes, is_list: bool) -> str:  # noqa: FBT001 -- a key of the cache
    line = text.decode("utf-8", "replace")
    for entry in (*_ENTRY, _BARE_NAME) if is_list else _ENTRY:
        if found := entry.match(line):
            name = found[1].lower()
            return "" if name in _NO_PACKAGES else name
    return ""


def version(text: bytes) -> str:
    """Return the first version of at least two numbers on a line; empty for none."""
    found = re.search(rb"\d+(?:\.\d+)+", text[:_LONGEST])
    return found[0].decode() if found else ""


def popular(path: str) -> frozenset[str]:
    """Return the widely used names of the ecosystem that a manifest is of."""
    base = fold(path).rpartition("/")[2]
    if base.endswith(_LISTS):
        return _PYTHON
    return _RUBY if base.endswith(".gemspec") else _ECOSYSTEMS.get(base, _OTHERS)


def is_known(path: str, name: str) -> bool:
    """Return whether a package is widely used, or of a house that is."""
    return name in popular(path) or name.startswith(_HOUSES)
