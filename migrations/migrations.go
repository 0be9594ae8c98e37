// Package migrations is the schema, as SQL that both databases take; a file
// ending in .postgres.sql or .sqlite.sql runs on that one only.
//
// Statements are separated by a semicolon and a blank line. Money is BIGINT in
// 分, moments are TIMESTAMPTZ in UTC, structured values are JSON text.
package migrations

import "embed"

// Files holds every migration.
//
//go:embed *.sql
var Files embed.FS
