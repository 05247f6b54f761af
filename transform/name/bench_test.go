package name_test

import (
	"bufio"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/sihctl/sih/transform/name"
)

// pair is one line of the bench data: a Latin word, an Arabic word that was
// seen for it, and how often.
type pair struct {
	latin, arabic string
	count         int
}

// readPairs reads arabic_latin.tsv under SIH_BENCH_DATA, words of the whole
// world as they stand in pairs of titles.
func readPairs(b *testing.B) []pair {
	dir := os.Getenv("SIH_BENCH_DATA")
	if dir == "" {
		b.Skip("SIH_BENCH_DATA names no folder with names/arabic_latin.tsv")
	}
	f, err := os.Open(filepath.Join(dir, "names", "arabic_latin.tsv"))
	if err != nil {
		b.Fatal(err)
	}
	defer f.Close()
	var pairs []pair
	for sc := bufio.NewScanner(f); sc.Scan(); {
		cols := strings.Split(sc.Text(), "\t")
		if len(cols) != 3 {
			continue
		}
		n, err := strconv.Atoi(cols[2])
		if err != nil {
			continue
		}
		pairs = append(pairs, pair{cols[0], strings.ReplaceAll(cols[1], " ", ""), n})
	}
	return pairs
}

// BenchmarkPairs reports, beside the time of a key, which share of the pairs
// of the bench data have one key (of all, of those seen at least five times,
// of those weighted by how often, and of those whose Arabic word has a letter
// that names from elsewhere hardly have), and which share of a million pairs of
// unlike Latin words have. %frequent-shared is the share of frequent Latin
// words whose key is also that of an unlike frequent word.
func BenchmarkPairs(b *testing.B) {
	pairs := readPairs(b)
	var same, often, sameOften, weight, sameWeight, native, sameNative float64
	latin := make([]string, len(pairs))
	for i, p := range pairs {
		latin[i] = name.Key(p.latin)
		ok := 0.0
		if latin[i] == name.Key(p.arabic) {
			ok = 1
		}
		same += ok
		weight += float64(p.count)
		sameWeight += ok * float64(p.count)
		if strings.ContainsAny(p.arabic, "عحصض") {
			native++
			sameNative += ok
		}
		if p.count >= 5 {
			often++
			sameOften += ok
		}
	}
	// Frequent words, seen ten times or more, that share a key with another
	// frequent one for which no common Arabic word was ever seen.
	arabic := map[string]map[string]bool{}
	count := map[string]int{}
	for _, p := range pairs {
		if arabic[p.latin] == nil {
			arabic[p.latin] = map[string]bool{}
		}
		arabic[p.latin][p.arabic] = true
		count[p.latin] += p.count
	}
	byKey := map[string][]string{}
	frequent := 0
	for w, n := range count {
		if n >= 10 {
			frequent++
			byKey[name.Key(w)] = append(byKey[name.Key(w)], w)
		}
	}
	shared := 0
	for _, words := range byKey {
		for _, w := range words {
			for _, other := range words {
				if other != w && !meet(arabic[w], arabic[other]) {
					shared++
					break
				}
			}
		}
	}
	rnd := rand.New(rand.NewPCG(1, 2))
	const draws = 1_000_000
	collide := 0.0
	for range draws {
		i, j := rnd.IntN(len(pairs)), rnd.IntN(len(pairs))
		if latin[i] == latin[j] && pairs[i].latin != pairs[j].latin && pairs[i].arabic != pairs[j].arabic {
			collide++
		}
	}
	b.ReportAllocs()
	i := 0
	for b.Loop() {
		name.Key(pairs[i%len(pairs)].latin)
		i++
	}
	b.ReportMetric(100*same/float64(len(pairs)), "%same")
	b.ReportMetric(100*sameOften/often, "%same-often")
	b.ReportMetric(100*sameWeight/weight, "%same-weighted")
	b.ReportMetric(100*sameNative/native, "%same-arabic")
	b.ReportMetric(100*float64(shared)/float64(frequent), "%frequent-shared")
	b.ReportMetric(1e6*collide/draws, "unlike/M")
}

// meet tells whether two sets have a member in common.
func meet(a, b map[string]bool) bool {
	for k := range a {
		if b[k] {
			return true
		}
	}
	return false
}

func BenchmarkKey(b *testing.B) {
	for _, s := range []string{"Benjelloun", "Mohammed El Alaoui", "Zniber", "محمد", "عبد الرحيم"} {
		b.Run(s, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				name.Key(s)
			}
		})
	}
}

func BenchmarkCompact(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		name.Compact("Mohammed El Alaoui")
	}
}

func BenchmarkPhonetic(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		name.Phonetic("Mohammed El Alaoui")
	}
}
