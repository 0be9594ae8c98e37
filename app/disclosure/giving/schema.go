package giving

import "embed"

// Schemas are the JSON schemas of the 360Giving standard 1.4.3 as published,
// under the licence beside them.
//
//go:embed schema
var Schemas embed.FS
