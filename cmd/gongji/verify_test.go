package main

import (
	"bytes"
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"gongji/app/document"
	"gongji/app/trust/signature"
)

// issue writes a bid receipt as archive does, signed by the key in a data
// folder: issue DIR NAME.
func issue() {
	k, err := signature.Load(os.Args[1], "", "gongji.example.cn")
	if err != nil {
		panic(err)
	}
	at := time.Date(2026, 6, 1, 1, 2, 3, 0, time.UTC)
	c := document.BidReceipt{TenderNumber: "ZC-2026-0001", TenderTitle: "居家养老服务", SubmittedAt: at, Deadline: at.Add(time.Hour), Version: 1, SHA256: strings.Repeat("ab", 32)}
	c.Number, c.Code = "HZ-2026-1", "0123456789ABCDEF"
	s := signature.Statement{Document: "01J0000000000000000000D0C1", Kind: c.Kind(), Title: "投标回执 居家养老服务", Number: c.Number, Issuer: "共济平台",
		IssuedAt: at, Code: c.Code, Facts: []signature.Fact{{Label: "项目", Value: "居家养老服务"}, {Name: "ciphertext_sha256", Label: "密文 SHA-256", Value: c.SHA256}}}
	frozen, err := json.Marshal(c)
	if err != nil {
		panic(err)
	}
	drawn, err := document.Render(c.Kind(), frozen)
	if err != nil {
		panic(err)
	}
	pdf, err := k.Stamp(drawn, s)
	if err != nil {
		panic(err)
	}
	text, err := k.JSON(s)
	if err != nil {
		panic(err)
	}
	for ext, b := range map[string][]byte{".pdf": pdf, ".json": text} {
		if err := os.WriteFile(os.Args[2]+ext, b, 0o600); err != nil {
			panic(err)
		}
	}
}

// flipped changes a file at every 997th byte and expects gongji verify to
// refuse each: flipped FILE KEYFILE.
func flipped(ts *testscript.TestScript, _ bool, args []string) {
	file, err := os.ReadFile(ts.MkAbs(args[0]))
	ts.Check(err)
	changed := filepath.Join(ts.MkAbs("."), "changed")
	for i := 0; i < len(file); i += 997 {
		b := bytes.Clone(file)
		b[i] ^= 1
		ts.Check(os.WriteFile(changed, b, 0o600))
		var said strings.Builder
		if Main([]string{"verify", changed, "--key", ts.MkAbs(args[1])}, io.Discard, &said) != 1 {
			ts.Fatalf("%s with byte %d changed passes", args[0], i)
		}
		if !strings.HasPrefix(said.String(), "gongji: ") || strings.Count(said.String(), "\n") != 1 {
			ts.Fatalf("byte %d: %q", i, said.String())
		}
	}
}
