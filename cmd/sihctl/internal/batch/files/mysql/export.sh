#!/bin/sh
# Exports every table of a database of {{.Source}} into files that sihctl reads.
# Usage: export.sh DATABASE [FOLDER]. Write the login into login.cnf first.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
database=${1:?usage: export.sh DATABASE [FOLDER]}
out=${2:-$here/out}
client=$(command -v "${MYSQL:-mysql}" || command -v mariadb)
mkdir -p "$out"
chmod 700 "$out"
read_with() {
  "$client" --defaults-extra-file="$here/login.cnf" --batch --raw --quick --skip-column-names --skip-reconnect --max-allowed-packet=1073741824 "$@" "$database"
}
read_with < "$here/tables.sql" > "$out/tables.lst"
while read -r name file; do
  echo "$file"
  read_with --init-command="SET @t=0x$name" < "$here/table.sql" > "$out/$file.part"
  mv "$out/$file.part" "$out/$file.txt"
done < "$out/tables.lst"
echo "done: $out"
