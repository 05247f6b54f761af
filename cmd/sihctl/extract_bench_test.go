//go:build unix

package main

import (
	"database/sql"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/go-sql-driver/mysql"

	"github.com/sihctl/sih/extract/mysql/mariadbtest"
	"github.com/sihctl/sih/extract/snapshot"
)

// BenchmarkExtract takes a hospital's table from MariaDB to a snapshot that is
// encrypted and signed, with the real program: twenty columns in cp1256, latin1
// and utf8, three in a hundred dates zero or partial. It reports the rate, its
// ratio to a bare loop over the driver that scans the same rows and does nothing
// with them, and the greatest memory of the process, which must not grow with
// the table.
func BenchmarkExtract(b *testing.B) {
	server := sharedMaria(b)
	for _, rows := range []int{250_000, 1_000_000} {
		name, db := server.Create(b)
		fillRegister(b, db, rows)
		keys := b.TempDir()
		program(b, "keygen", keys)
		public := recipient(b, filepath.Join(keys, "identity.txt"))
		for _, mode := range []string{"sealed", "plain"} {
			b.Run(fmt.Sprintf("%s/rows=%d", mode, rows), func(b *testing.B) {
				for b.Loop() {
					bare := scan(b, server.DSN(name), rows)
					dir := b.TempDir()
					config := "project: p\nsources:\n  enova: {system: enova, driver: mysql, dsn_file: dsn}\n"
					if mode == "sealed" {
						config += fmt.Sprintf("recipients: [%s]\nsigning_key: %s\n", public, filepath.Join(keys, "signing.key"))
					}
					for file, text := range map[string]string{"sihctl.yaml": config, "dsn": server.DSN(name)} {
						if err := os.WriteFile(filepath.Join(dir, file), []byte(text), 0o600); err != nil {
							b.Fatal(err)
						}
					}
					begin := time.Now()
					memory := program(b, "extract", "--project", dir)
					took := time.Since(begin)
					s, err := snapshot.Open(filepath.Join(dir, "snapshots/enova"))
					if err != nil {
						b.Fatal(err)
					}
					if t, _ := s.Table("registre"); t.Rows != rows || !s.Consistent {
						b.Fatalf("%d rows, consistent: %t", t.Rows, s.Consistent)
					}
					b.ReportMetric(float64(rows)/took.Seconds(), "rows/s")
					b.ReportMetric(bare.Seconds()/took.Seconds(), "of-bare-loop")
					b.ReportMetric(float64(memory)/(1<<20), "MB-peak")
					b.ReportMetric(float64(s.Bytes)/(1<<20), "MB-snapshot")
				}
			})
		}
	}
}

// fillRegister makes the table.
func fillRegister(b *testing.B, db *sql.DB, rows int) {
	b.Helper()
	columns := []string{"id INT PRIMARY KEY"}
	values := []string{"n"}
	add := func(column, value string) {
		columns = append(columns, fmt.Sprintf("c%d %s", len(columns), column))
		values = append(values, value)
	}
	for i := range 3 {
		add("VARCHAR(60) CHARACTER SET cp1256", fmt.Sprintf("ELT(1+(n+%d)%%4, 'العلمي', 'فاطمة الزهراء', 'بنعبد الله', 'محمد')", i))
		add("VARCHAR(60) CHARACTER SET latin1", fmt.Sprintf("ELT(1+(n+%d)%%4, 'Bénani', 'EL ALAMI', 'Lâarbi', 'Zahra')", i))
		add("VARCHAR(120) CHARACTER SET utf8mb4", fmt.Sprintf("CONCAT('شارع ', n%%977, ' rue de la Liberté ', %d)", i))
		add("DATE", "IF(n%100<2, '0000-00-00', IF(n%100=2, '1934-00-00', '1951-03-04' + INTERVAL n%20000 DAY))")
		add("INT", "n*7919%1000003")
	}
	add("DECIMAL(10,2)", "n/7")
	add("DATETIME", "'2015-01-01 00:00:00' + INTERVAL n MINUTE")
	add("CHAR(12) CHARACTER SET latin1", "SUBSTR(SHA1(n), 1, 12)")
	add("TINYINT", "n%2")
	exec := func(statements ...string) { mariadbtest.Exec(b, db, statements...) }
	exec("CREATE TABLE digit (n INT PRIMARY KEY)", "INSERT INTO digit VALUES (0),(1),(2),(3),(4),(5),(6),(7),(8),(9)",
		"CREATE TABLE registre ("+strings.Join(columns, ", ")+")")
	const numbers = "SELECT a.n+10*b.n+100*c.n+1000*d.n+10000*e.n+100000*f.n n FROM digit a, digit b, digit c, digit d, digit e, digit f"
	exec(fmt.Sprintf("INSERT INTO registre SELECT %s FROM (%s) t WHERE n < %d", strings.Join(values, ", "), numbers, rows),
		"DROP TABLE digit")
}

// scan reads the rows as a program would that does nothing with them.
func scan(b *testing.B, dsn string, rows int) time.Duration {
	b.Helper()
	login, err := mysql.ParseDSN(dsn)
	if err != nil {
		b.Fatal(err)
	}
	if err := login.Apply(mysql.Charset("utf8mb4", "")); err != nil {
		b.Fatal(err)
	}
	connector, err := mysql.NewConnector(login)
	if err != nil {
		b.Fatal(err)
	}
	db := sql.OpenDB(connector)
	defer db.Close()
	begin := time.Now()
	list, err := db.Query("SELECT * FROM registre")
	if err != nil {
		b.Fatal(err)
	}
	defer list.Close()
	cells := make([]sql.RawBytes, 20)
	into := make([]any, len(cells))
	for i := range cells {
		into[i] = &cells[i]
	}
	n := 0
	for ; list.Next(); n++ {
		if err := list.Scan(into...); err != nil {
			b.Fatal(err)
		}
	}
	if list.Err() != nil || n != rows {
		b.Fatalf("%d rows, %v", n, list.Err())
	}
	return time.Since(begin)
}

// program runs sihctl and returns the greatest memory that it had, in bytes.
func program(b *testing.B, args ...string) int64 {
	b.Helper()
	cmd := exec.Command("sihctl", args...)
	if out, err := cmd.CombinedOutput(); err != nil {
		b.Fatalf("%v\n%s", err, out)
	}
	usage, ok := cmd.ProcessState.SysUsage().(*syscall.Rusage)
	if !ok {
		return 0
	}
	if runtime.GOOS == "darwin" {
		return usage.Maxrss
	}
	return usage.Maxrss << 10
}

// recipient returns the public key that an identity file tells of.
func recipient(b *testing.B, file string) string {
	b.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		b.Fatal(err)
	}
	for line := range strings.Lines(string(text)) {
		if _, key, ok := strings.Cut(line, "age1"); ok {
			return "age1" + strings.TrimSpace(key)
		}
	}
	b.Fatal("no public key in " + file)
	return ""
}
