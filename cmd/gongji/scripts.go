package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"io/fs"
	"strings"

	"gongji/templates"
)

// scripts prints the SHA-256 of every script inside this binary, as sha256sum
// does, so that what a server sends can be compared with a release.
func scripts(_ context.Context, args []string, out io.Writer) error {
	if len(args) > 0 {
		return errUsage
	}
	entries, err := fs.ReadDir(templates.Static(), ".")
	if err != nil {
		return err
	}
	for _, e := range entries {
		if !strings.HasSuffix(e.Name(), ".js") {
			continue
		}
		b, err := fs.ReadFile(templates.Static(), e.Name())
		if err != nil {
			return err
		}
		sum := sha256.Sum256(b)
		if _, err := fmt.Fprintf(out, "%s  %s\n", hex.EncodeToString(sum[:]), templates.AssetPath(e.Name())); err != nil {
			return err
		}
	}
	return nil
}
