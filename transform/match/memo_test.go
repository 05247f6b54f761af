package match_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/sihctl/sih/transform/match"
)

// TestMemo holds that a memo never tells another text's value, however many
// texts come and however long they are, and that it keeps those that come
// often.
func TestMemo(t *testing.T) {
	var m match.Memo[int]
	if _, ok := m.Get(""); ok {
		t.Error("an empty memo remembers")
	}
	rng := rand.New(rand.NewPCG(5, 6))
	made := map[string]int{}
	often, held := 0, 0
	for k := range 300_000 {
		n := rng.IntN(100_000)
		if k%2 == 0 {
			n = rng.IntN(50)
		}
		text := strings.Repeat("é", n%70) + fmt.Sprint(n)
		if n == 7 {
			text = ""
		}
		v, ok := m.Get(text)
		if want, was := made[text]; ok && (!was || v != want) {
			t.Fatalf("a text has another's value")
		}
		if k > 10_000 && k%2 == 0 && len(text) <= 56 {
			often++
			if ok {
				held++
			}
		}
		if !ok {
			m.Put(text, n)
			made[text] = n
		}
	}
	if held < often*3/4 {
		t.Errorf("%d of %d lookups of texts that come often were remembered", held, often)
	}
}
