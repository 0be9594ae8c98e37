package templates_test

import (
	"encoding/json"
	"errors"
	"math/rand/v2"
	"os/exec"
	"strconv"
	"strings"
	"testing"

	"gongji/app/kernel/fault"
	"gongji/app/kernel/money"
)

// TestAmountsInTheBrowser holds assets/js/amount.js to app/kernel/money: the
// price a bidder reads back before sealing is the one the opening reads out.
func TestAmountsInTheBrowser(t *testing.T) {
	typed := []string{"1409.50", "6007.14", "107000.53", "325.04", "650000", "0", "0.5", "0.05", "10.05", "1,409.50", "1 409.50", "￥１２．３０", " 12 元 ",
		"人民币 5元", "999999999999999.99", "100000000", "1000000000000", "10000000010000", "", "元", "-5", "¥-5", "1.234", "1,40", "1,4,0", ",5", ".5", "5.",
		"1.2.3", "7.5万", "陆拾伍万", "三十", "1000000000000000", "12x", "5.1,2", "1－2", strings.Repeat("1", 65), "760,000.01", "0,001", "00012"}
	random := rand.New(rand.NewPCG(1, 2))
	for range 500 {
		n := random.Int64N(int64(money.Max)) >> random.IntN(56)
		typed = append(typed, money.Fen(n).Plain())
	}
	type reading struct{ Fen, Upper, Yuan, Error string }
	want := make([]reading, len(typed))
	for i, s := range typed {
		f, err := money.Parse(s)
		if problem, ok := errors.AsType[*fault.Fault](err); ok {
			want[i].Error = problem.Message
			continue
		}
		want[i] = reading{Fen: strconv.FormatInt(int64(f), 10), Upper: f.Upper(), Yuan: f.Yuan()}
	}
	in, err := json.Marshal(typed)
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), "node", "--input-type=module", "-e", `
import { parse, upper, yuan } from './assets/js/amount.js'
import { readFileSync } from 'node:fs'
console.log(JSON.stringify(JSON.parse(readFileSync(0)).map((s) => {
  const { fen, error } = parse(s)
  return error ? { Error: error } : { Fen: String(fen), Upper: upper(fen), Yuan: yuan(fen) }
})))`)
	cmd.Stdin = strings.NewReader(string(in))
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("node: %v", err)
	}
	var got []reading
	if err := json.Unmarshal(out, &got); err != nil {
		t.Fatal(err)
	}
	for i := range typed {
		if got[i] != want[i] {
			t.Errorf("%q: in the browser %+v, here %+v", typed[i], got[i], want[i])
		}
	}
}
