//go:build deps

// Package deps pins the modules the product is built from until every room imports its own.
package deps
import (
 _ "github.com/gofiber/fiber/v2"
 _ "github.com/uptrace/bun"
 _ "github.com/uptrace/bun/migrate"
 _ "github.com/uptrace/bun/dialect/pgdialect"
 _ "github.com/uptrace/bun/dialect/sqlitedialect"
 _ "github.com/jackc/pgx/v5/stdlib"
 _ "modernc.org/sqlite"
 _ "github.com/casbin/casbin/v2"
 _ "github.com/go-pdf/fpdf"
 _ "github.com/minio/minio-go/v7"
 _ "github.com/riverqueue/river"
 _ "github.com/riverqueue/river/rivermigrate"
 _ "github.com/riverqueue/river/riverdriver/riversqlite"
 _ "github.com/riverqueue/river/riverdriver/riverdatabasesql"
 _ "github.com/alexedwards/argon2id"
 _ "github.com/jba/templatecheck"
 _ "github.com/chromedp/chromedp"
 _ "github.com/rogpeppe/go-internal/testscript"
 _ "github.com/gabriel-vasile/mimetype"
 _ "github.com/prometheus/client_golang/prometheus"
 _ "github.com/swaggest/openapi-go/openapi31"
 _ "github.com/skip2/go-qrcode"
 _ "golang.org/x/image/font/sfnt"
 _ "github.com/PuerkitoBio/goquery"
 _ "github.com/santhosh-tekuri/jsonschema/v6"
)
