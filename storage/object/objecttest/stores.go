// Package objecttest has the real stores for tests, and the suite that every
// store passes.
package objecttest

import (
	"context"
	"crypto/rand"
	"net/url"
	"os"
	"strings"
	"testing"

	"github.com/minio/minio-go/v7"
	"github.com/minio/minio-go/v7/pkg/credentials"

	"gongji/storage/object"
)

// Dir opens a store in a directory of the test's own.
func Dir(t testing.TB) *object.Dir {
	t.Helper()
	d, err := object.OpenDir(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := d.Close(); err != nil {
			t.Error(err)
		}
	})
	return d
}

// MinIO opens a store in a bucket of the test's own on the server that
// GONGJI_TEST_S3 names. No server is a failure, never a skip.
func MinIO(t testing.TB) *object.MinIO {
	t.Helper()
	c := MinIOConfig(t)
	m, err := object.OpenMinIO(t.Context(), c)
	if err != nil {
		t.Fatalf("MinIO at %s: %v; run `.ci/services up` and source its env file", c.Endpoint, err)
	}
	return m
}

// MinIOConfig names a bucket that nobody else uses and that goes away, with
// all it holds, when the test ends.
func MinIOConfig(t testing.TB) object.MinIOConfig {
	t.Helper()
	const name = "GONGJI_TEST_S3"
	v := os.Getenv(name)
	if v == "" {
		t.Fatalf("%s is not set: the tests need a real MinIO; run `.ci/services up` and source its env file, or run `make test`", name)
	}
	u, err := url.Parse(v)
	if err != nil || u.Host == "" || u.User == nil {
		t.Fatalf("%s must look like http://key:secret@host:port", name)
	}
	secret, _ := u.User.Password()
	c := object.MinIOConfig{
		Endpoint:  u.Host,
		AccessKey: u.User.Username(),
		SecretKey: secret,
		TLS:       u.Scheme == "https",
		Bucket:    "test-" + strings.ToLower(rand.Text()),
		Spool:     t.TempDir(),
	}
	t.Cleanup(func() { drop(t, c) })
	return c
}

// drop removes a test's bucket, if the test came to making it.
func drop(t testing.TB, c object.MinIOConfig) {
	client, err := minio.New(c.Endpoint, &minio.Options{
		Creds:  credentials.NewStaticV4(c.AccessKey, c.SecretKey, ""),
		Secure: c.TLS,
		Region: "us-east-1",
	})
	if err != nil {
		t.Error(err)
		return
	}
	// The test's own context has ended by now.
	ctx := context.Background()
	ok, err := client.BucketExists(ctx, c.Bucket)
	if err != nil {
		t.Error(err)
		return
	}
	if !ok {
		return
	}
	if err := client.RemoveBucketWithOptions(ctx, c.Bucket, minio.RemoveBucketOptions{ForceDelete: true}); err != nil {
		t.Error(err)
	}
}
