package object

import (
	"strings"

	"gongji/app/kernel/fault"
)

const (
	// maxKey and maxSegment are what both an S3 server and a file system take,
	// with room for the names a store adds.
	maxKey     = 512
	maxSegment = 200
)

// checkKey lets only keys through that mean the same in a directory, in a URL
// and in S3: segments of [a-z0-9._-], parted by single slashes, none of them
// starting with a dot. So a key cannot climb out, hide, or differ from another
// by case alone.
func checkKey(key string) error {
	if key == "" || len(key) > maxKey {
		return badKey()
	}
	for s := range strings.SplitSeq(key, "/") {
		if s == "" || len(s) > maxSegment || s[0] == '.' || !plain(s) {
			return badKey()
		}
	}
	return nil
}

// checkPrefix lets the beginnings of keys through, the empty one too.
func checkPrefix(prefix string) error {
	if prefix == "" || checkKey(strings.TrimSuffix(prefix, "/")) == nil {
		return nil
	}
	return badKey()
}

func plain(s string) bool {
	for i := range len(s) {
		c := s[i]
		if (c < 'a' || c > 'z') && (c < '0' || c > '9') && c != '.' && c != '_' && c != '-' {
			return false
		}
	}
	return true
}

// The key is not in the message: it may be hostile, and the reader of the
// message did not choose it.
func badKey() error {
	return fault.New(fault.Invalid, "文件编号不合规则，请从原页面重新打开")
}

func notFound() error {
	return fault.New(fault.NotFound, "文件不存在，可能已被删除，请从原页面重新打开")
}

func taken() error {
	return fault.New(fault.Conflict, "同一编号下已有另一份文件，已保存的文件不能改写")
}

func badRange() error {
	return fault.New(fault.Invalid, "请求的字节范围超出文件，请重新下载整个文件")
}

func unavailable(cause error) error {
	return fault.Wrap(fault.Unavailable, cause, "文件存储暂时不可用，请稍后再试")
}
