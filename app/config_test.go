package app_test

import (
	"strings"
	"testing"

	"gongji/app"
)

func TestABadVariableIsNamedInOneLine(t *testing.T) {
	s3 := map[string]string{"GONGJI_S3_ENDPOINT": "minio.internal:9000", "GONGJI_S3_ACCESS_KEY": "a", "GONGJI_S3_SECRET_KEY": "b"}
	for _, c := range []struct {
		name, value string
		with        map[string]string
	}{
		{"GONGJI_ADDR", "8080", nil}, {"GONGJI_ADDR", "127.0.0.1:99999", nil}, {"GONGJI_ADDR", "127.0.0.1:http", nil},
		{"GONGJI_DATA", "config.go", nil},
		{"GONGJI_DATABASE_URL", "mysql://db/gongji", nil},
		{"GONGJI_PUBLIC_URL", "gongji.example.cn", nil}, {"GONGJI_PUBLIC_URL", "https://gongji.example.cn/app", nil}, {"GONGJI_PUBLIC_URL", "ftp://x", nil},
		{"GONGJI_SIGNING_KEY", "secret", nil},
		{"GONGJI_PROXY_HEADER", "X Forwarded", nil}, {"GONGJI_PROXY_HEADER", "X-Real-IP:", nil},
		{"GONGJI_S3_TLS", "maybe", nil}, {"GONGJI_S3_TLS", "ja", s3},
		{"GONGJI_S3_BUCKET", "A_B", nil}, {"GONGJI_S3_BUCKET", "x", s3},
		{"GONGJI_S3_ENDPOINT", "minio.internal/bucket", s3}, {"GONGJI_S3_SECRET_KEY", "", s3},
	} {
		_, err := app.Environment(func(name string) string {
			if name == c.name {
				return c.value
			}
			return c.with[name]
		})
		if err == nil || !strings.Contains(err.Error(), c.name) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s=%q: %v", c.name, c.value, err)
		}
	}
}

func TestTheEnvironmentMayBeEmpty(t *testing.T) {
	got, err := app.Environment(func(string) string { return "" })
	if err != nil || got.Addr != "127.0.0.1:8080" || got.DatabaseURL != "sqlite:data/gongji.db" || got.PublicURL != "http://127.0.0.1:8080" || got.S3.Endpoint != "" {
		t.Errorf("%+v, %v", got, err)
	}
}

func TestAnEndpointMaySayItsScheme(t *testing.T) {
	for endpoint, tls := range map[string]bool{"http://m:9000": false, "https://m:9000/": true, "m:9000": true} {
		got, err := app.Environment(func(name string) string {
			return map[string]string{"GONGJI_S3_ENDPOINT": endpoint, "GONGJI_S3_ACCESS_KEY": "a", "GONGJI_S3_SECRET_KEY": "b"}[name]
		})
		if err != nil || got.S3.Endpoint != "m:9000" || got.S3.TLS != tls {
			t.Errorf("%s: %+v, %v", endpoint, got.S3, err)
		}
	}
}
