package db

import (
	"context"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"

	"github.com/uptrace/bun"
	"github.com/uptrace/bun/migrate"

	"gongji/migrations"
)

// Migrate brings the schema up to date and returns the names of the
// migrations it ran. Each file runs in one transaction; a failed one is not
// marked as applied.
func Migrate(ctx context.Context, d *bun.DB) ([]string, error) {
	set, err := load(migrations.Files, Postgres(d))
	if err != nil {
		return nil, err
	}
	m := migrate.NewMigrator(d, set, migrate.WithMarkAppliedOnSuccess(true),
		migrate.WithTableName("schema_migration"), migrate.WithLocksTableName("schema_migration_lock"))
	if err := m.Init(ctx); err != nil {
		return nil, err
	}
	if err := m.Lock(ctx); err != nil {
		return nil, fmt.Errorf("另一个进程正在迁移数据库（若确认没有，请清空表 schema_migration_lock）: %w", err)
	}
	defer func() { _ = m.Unlock(context.WithoutCancel(ctx)) }()
	group, err := m.Migrate(ctx)
	if err != nil {
		return nil, err
	}
	var names []string
	for _, x := range group.Migrations {
		names = append(names, x.Name)
	}
	return names, nil
}

// load reads "0001_party.sql" for both databases, "0001_party.postgres.sql" and
// "0001_party.sqlite.sql" for one; a dialect file runs after the common file of
// the same number, in the same transaction.
func load(files fs.FS, postgres bool) (*migrate.Migrations, error) {
	names, err := fs.Glob(files, "*.sql")
	if err != nil {
		return nil, err
	}
	slices.Sort(names)
	texts, order := map[string][]string{}, []string{}
	for _, name := range names {
		base := strings.TrimSuffix(path.Base(name), ".sql")
		stem, only, special := strings.Cut(base, ".")
		if special && (only == "postgres") != postgres {
			continue
		}
		b, err := fs.ReadFile(files, name)
		if err != nil {
			return nil, err
		}
		if _, seen := texts[stem]; !seen {
			order = append(order, stem)
		}
		if special {
			texts[stem] = append(texts[stem], string(b))
		} else {
			texts[stem] = append([]string{string(b)}, texts[stem]...)
		}
	}
	set := migrate.NewMigrations()
	for _, stem := range order {
		number, comment, _ := strings.Cut(stem, "_")
		set.Add(migrate.Migration{Name: number, Comment: comment,
			Up: func(ctx context.Context, m *migrate.Migrator, _ *migrate.Migration) error {
				return m.DB().RunInTx(ctx, nil, func(ctx context.Context, tx bun.Tx) error {
					for _, text := range texts[stem] {
						for _, stmt := range Statements(text) {
							// Straight to the driver: bun would take a "?" in the text for an argument.
							if _, err := tx.Tx.ExecContext(ctx, stmt); err != nil {
								return fmt.Errorf("迁移 %s: %w", stem, err)
							}
						}
					}
					return nil
				})
			}})
	}
	return set, nil
}

// Statements splits a migration at every semicolon that is followed by a blank
// line, so that the body of a trigger may hold semicolons.
func Statements(text string) []string {
	var out []string
	for _, s := range strings.Split(strings.ReplaceAll(text, "\r\n", "\n"), ";\n\n") {
		if s = strings.TrimSpace(s); s != "" {
			out = append(out, s)
		}
	}
	return out
}
