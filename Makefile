# make          vet, lint, test, build
# make demo     a simulated region, migrated end to end, in ./sihctl-demo
# make test     every test, with the race detector; sets up what it needs
# make bench    rows per second of every stage, on a region of PATIENTS=100000; of an
#               extraction from MariaDB against a bare loop over its driver; of
#               loading each engine, against its own bulk path, and of verifying it
# make bench-micro   every benchmark of the packages
# make bench-match   the matcher's speed and memory on lists of RECORDS="100000 1000000" simulated
#               patients, and its accuracy on the corpora in SIH_BENCH_DATA
# make fuzz     each fuzz target for a while
# make golden   rewrite the golden files; read the diff
STATICCHECK = honnef.co/go/tools/cmd/staticcheck@v0.8.2
VERSION    := $(shell git describe --tags --always --dirty 2>/dev/null || echo dev)
BUILD       = CGO_ENABLED=0 go build -trimpath -ldflags "-s -w -X main.version=$(VERSION)"
FUZZTIME   ?= 20s
RECORDS    ?= 100000 1000000

.PHONY: all build cross demo test raced unraced setup vet lint bench bench-micro bench-match fuzz golden clean

all: vet lint test build

build:
	$(BUILD) -o bin/sihctl ./cmd/sihctl

cross:
	GOOS=linux $(BUILD) -o dist/sihctl-linux-amd64 ./cmd/sihctl
	GOOS=windows $(BUILD) -o dist/sihctl-windows-amd64.exe ./cmd/sihctl

demo: build
	bin/sihctl demo

setup:
	.ci/setup

test: setup
	.ci/scratch $(MAKE) --no-print-directory raced unraced

raced:
	CGO_ENABLED=1 go test -race -shuffle=on -timeout 40m ./...

unraced:
	go test -shuffle=on -timeout 40m -run "$$(.ci/unraced)" ./cmd/sihctl
	go test -timeout 40m -run '^TestMemory$$' ./extract/sheet ./extract/profile
	go test -timeout 40m ./load/store/sqlserver
	go test -timeout 40m -tags mssql_microsoft ./extract/sqlserver/... ./load/store/sqlserver

vet:
	go vet ./...

lint:
	@test -z "$$(gofmt -l .)" || { gofmt -l .; echo "run gofmt -w on these"; exit 1; }
	go run $(STATICCHECK) ./...

bench: build
	rm -rf bench-region
	bin/sihctl demo --dir bench-region --patients $${PATIENTS:-100000}
	go test -run '^$$' -bench '^BenchmarkExtract$$' -benchtime 1x ./cmd/sihctl
	go test -run '^$$' -bench '^BenchmarkStore$$' -benchtime 300000x -p 1 ./load/store/...

bench-micro:
	go test -run '^$$' -bench . -benchmem ./...

bench-match:
	go test -run 'Corpora' -v ./transform/match
	go test -run '^$$' -bench '^Benchmark(Spelling|Compare)$$' ./transform/match
	SIH_BENCH_RECORDS="$(RECORDS)" go test -run '^$$' -bench '^BenchmarkLink$$' -benchtime 1x -timeout 6h ./cmd/sihctl

fuzz:
	@for f in $$(grep -rl '^func Fuzz' --include=*_test.go .); do \
		dir=$$(dirname $$f); \
		for t in $$(sed -n 's/^func \(Fuzz[A-Za-z0-9]*\).*/\1/p' $$f); do \
			echo "== $$dir $$t"; go test -run '^$$' -fuzz "^$$t\$$" -fuzztime $(FUZZTIME) -fuzzminimizetime 1x ./$$dir || exit 1; \
		done; \
	done

golden:
	go test ./load/store ./load/workbook ./transform/rule ./transform/mapping ./cmd/sihctl -update

clean:
	rm -rf bin dist bench-region sihctl-demo
