package main

import (
	"os"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

// TestMain lets the scripts run gongji as the program it is.
func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"gongji": func() { os.Exit(Main(os.Args[1:], os.Stdout, os.Stderr)) }, "issue": issue})
}

func TestCommands(t *testing.T) {
	testscript.Run(t, testscript.Params{Dir: "testdata/script",
		Cmds: map[string]func(*testscript.TestScript, bool, []string){"flipped": flipped}})
}
