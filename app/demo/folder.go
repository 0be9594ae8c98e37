package demo

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"gongji/app"
)

// The files that mark a data folder as a demonstration's. markFile is written
// before the first record and says "ready" after the last one.
const (
	accountsFile = "demo-accounts.json"
	markFile     = "demo.json"
)

// mark is the state of a demonstration's data folder.
type mark struct {
	Ready bool `json:"ready"`
	// Database is the hash of the address that was loaded into: nothing is ever
	// removed from another.
	Database string        `json:"database"`
	Shift    time.Duration `json:"shift"` // of the demo clock
	Home     time.Duration `json:"home"`  // the shift that resetting goes back to
}

func database(c app.Config) string {
	sum := sha256.Sum256([]byte(c.DatabaseURL))
	return hex.EncodeToString(sum[:])
}

// readMark gives nil where the folder has none.
func readMark(data string) (*mark, error) {
	b, err := os.ReadFile(filepath.Join(data, markFile))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	} else if err != nil {
		return nil, err
	}
	var m mark
	if err := json.Unmarshal(b, &m); err != nil {
		return nil, fmt.Errorf("演示标记 %s 无法读取: %w", filepath.Join(data, markFile), err)
	}
	return &m, nil
}

func (m mark) write(data string) error {
	b, err := json.Marshal(m)
	if err != nil {
		return err
	}
	return replace(filepath.Join(data, markFile), b)
}

// replace writes a file so that a crash leaves the old one or the new one.
func replace(path string, b []byte) error {
	f, err := os.CreateTemp(filepath.Dir(path), filepath.Base(path)+".*")
	if err != nil {
		return err
	}
	_, err = f.Write(b)
	err = errors.Join(err, f.Sync(), f.Close())
	if err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		_ = os.Remove(f.Name())
	}
	return err
}

// Clear makes way for loading before the database is opened: what an
// interrupted load left behind is removed, and only that. A folder whose
// demonstration is whole, or that is no demonstration's, is left alone.
func Clear(c app.Config) error {
	m, err := readMark(c.Data)
	if m == nil || err != nil {
		return err
	}
	if m.Database != database(c) {
		return fmt.Errorf("%s 里的演示用的是另一个数据库，请换一个 --data", c.Data)
	}
	if m.Ready {
		return nil
	}
	path, ok := strings.CutPrefix(c.DatabaseURL, "sqlite:")
	if !ok {
		return errors.New("上次载入演示没有完成，请换一个空的数据库，或清空后删除 " + filepath.Join(c.Data, markFile))
	}
	for _, p := range []string{path, path + "-wal", path + "-shm", filepath.Join(c.Data, accountsFile)} {
		if err := os.Remove(p); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	if c.S3.Endpoint == "" {
		if err := os.RemoveAll(filepath.Join(c.Data, "objects")); err != nil {
			return err
		}
	}
	return os.Remove(filepath.Join(c.Data, markFile))
}
