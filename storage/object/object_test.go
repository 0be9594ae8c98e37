package object_test

import (
	"testing"

	"gongji/storage/object"
	"gongji/storage/object/objecttest"
)

func TestDir(t *testing.T) {
	objecttest.Run(t, func(t testing.TB) object.Store { return objecttest.Dir(t) })
}

func TestMinIO(t *testing.T) {
	objecttest.Run(t, func(t testing.TB) object.Store { return objecttest.MinIO(t) })
}
