package main

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/term"

	"gongji/app/party/identity"
	"gongji/app/procurement/seal"
)

// openOwn shows what is in one's own copy of a bid, and keeps it in dir where
// one is given.
func openOwn(path, identityPath, dir string, out io.Writer) error {
	text, err := os.ReadFile(identityPath)
	if err != nil {
		return fmt.Errorf("打不开个人密钥文件 %s：%w", identityPath, err)
	}
	f, err := os.Open(path)
	if err != nil {
		return fmt.Errorf("打不开 %s：%w", path, err)
	}
	defer func() { _ = f.Close() }()
	plain, err := opened(string(text), f)
	if err != nil {
		return err
	}
	keep := func(int, seal.File, io.Reader) error { return nil }
	if dir != "" {
		if err := os.Mkdir(dir, 0o700); err != nil {
			return fmt.Errorf("文件夹 %s 要尚未存在，以免覆盖文件：%w", dir, err)
		}
		keep = func(_ int, f seal.File, r io.Reader) error { return whole(filepath.Join(dir, f.Name), copied(r)) }
	}
	m, err := seal.Read(plain, keep)
	if err != nil {
		return err
	}
	b, err := json.MarshalIndent(m, "", "  ")
	if err != nil {
		return err
	}
	if dir != "" {
		// Attachments are named by the bidder: the manifest yields to one that
		// is called like it.
		name := filepath.Join(dir, "manifest.json")
		if _, err := os.Lstat(name); err == nil {
			name = filepath.Join(dir, "gongji-manifest.json")
		}
		if err := whole(name, copied(strings.NewReader(string(b)))); err != nil {
			return err
		}
	}
	_, err = fmt.Fprintln(out, string(b))
	return err
}

func opened(text string, f io.Reader) (io.Reader, error) {
	if !strings.HasPrefix(strings.TrimSpace(text), "-----BEGIN") {
		own, err := identity.Parse(text)
		if err != nil {
			return nil, err
		}
		return seal.OpenOwn(own, f)
	}
	pass, err := passphrase()
	if err != nil {
		return nil, err
	}
	own, err := identity.Open(text, pass)
	if err != nil {
		return nil, err
	}
	return seal.OpenOwn(own, f)
}

// passphrase comes from a file or a terminal, never from an argument, which
// other people on the machine could read.
func passphrase() (string, error) {
	if path := os.Getenv("GONGJI_PASSPHRASE_FILE"); path != "" {
		b, err := os.ReadFile(path)
		if err != nil {
			return "", fmt.Errorf("打不开口令文件 %s：%w", path, err)
		}
		return strings.TrimRight(string(b), "\r\n"), nil
	}
	if !term.IsTerminal(int(os.Stdin.Fd())) {
		return "", errors.New("请在终端中运行以输入口令，或用环境变量 GONGJI_PASSPHRASE_FILE 指明口令文件")
	}
	fmt.Fprint(os.Stderr, "个人密钥的口令（不会显示）：")
	b, err := term.ReadPassword(int(os.Stdin.Fd()))
	fmt.Fprintln(os.Stderr)
	return string(b), err
}

func copied(r io.Reader) func(*os.File) error {
	return func(f *os.File) error {
		_, err := io.Copy(f, r)
		return err
	}
}

// whole writes a new file, readable by its owner alone, that appears only when
// it is complete. A file that exists is never written over.
func whole(path string, write func(*os.File) error) error {
	if _, err := os.Lstat(path); !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("%s 已经存在，请换一个文件名", path)
	}
	f, err := os.CreateTemp(filepath.Dir(path), ".gongji-*")
	if err != nil {
		return fmt.Errorf("不能在 %s 写文件：%w", filepath.Dir(path), err)
	}
	defer func() { _ = os.Remove(f.Name()) }()
	if err := errors.Join(write(f), f.Close()); err != nil {
		return err
	}
	return os.Rename(f.Name(), path)
}

func fileSum(path string) (string, error) {
	f, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer func() { _ = f.Close() }()
	h := sha256.New()
	_, err = io.Copy(h, f)
	return hex.EncodeToString(h.Sum(nil)), err
}
