package templates_test

import (
	"encoding/json"
	"os/exec"
	"strings"
	"testing"
)

// TestTwoPeopleAtOneDraft merges what two tabs or two colleagues made of one
// draft: nobody's words go.
func TestTwoPeopleAtOneDraft(t *testing.T) {
	cmd := exec.CommandContext(t.Context(), "node", "--input-type=module", "-e", `
import { empty, merge } from './assets/js/bid/merge.js'
const base = { ...empty(), price: '1', delivery: 'a', answers: { 1: 'x', 2: 'y' }, files: [{ id: 'F' }, { id: 'G' }] }
const mine = structuredClone(base), theirs = structuredClone(base)
Object.assign(mine, { price: '2', delivery: 'mine' })
mine.answers[3] = 'new'
mine.files = [{ id: 'F' }, { id: 'M' }]
Object.assign(theirs, { delivery: 'theirs', by: '李四' })
theirs.answers[2] = 'changed'
theirs.files.push({ id: 'T' })
const out = merge(base, mine, theirs)
const again = merge(theirs, out, out)
const taken = structuredClone(out)
taken.aside = []
console.log(JSON.stringify({ price: out.price, delivery: out.delivery, answers: out.answers, files: out.files.map((f) => f.id).join(),
  aside: out.aside.map((a) => a.field + '=' + a.text + ' ' + a.by).join(), twice: again.aside.length, cleared: merge(out, taken, out).aside.length,
  same: merge(base, base, theirs).delivery, anew: relocked() }))
// Both lock one attachment anew for a colleague who came.
function relocked() {
  const b = { ...empty(), files: [{ id: '1', name: 'a.pdf', sha256: 's' }, { id: '2', name: 'b.pdf', sha256: 's' }] }
  const x = structuredClone(b), y = structuredClone(b)
  x.files[0].id = '3'
  y.files[0].id = '4'
  return merge(b, x, y).files.map((f) => f.id).join()
}`)
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("node: %v", err)
	}
	var got struct {
		Price, Delivery, Files, Aside, Same, Anew string
		Answers                                   map[string]string
		Twice, Cleared                            int
	}
	if err := json.Unmarshal(out, &got); err != nil {
		t.Fatal(err)
	}
	if got.Price != "2" || got.Delivery != "mine" || got.Answers["1"] != "x" || got.Answers["2"] != "changed" || got.Answers["3"] != "new" {
		t.Errorf("merged to %+v", got)
	}
	if got.Files != "F,T,M" || got.Aside != "delivery=theirs 李四" || got.Twice != 1 || got.Cleared != 0 || !strings.HasPrefix(got.Same, "theirs") || got.Anew != "4,2" {
		t.Errorf("merged to %+v", got)
	}
}
