package store_test

import (
	"os"
	"testing"

	"tandem/internal/store/storetest"
	"tandem/internal/store/storetest/pgtest"
)

func TestMain(m *testing.M) { os.Exit(pgtest.Main(m)) }

func TestSQLite(t *testing.T) { storetest.Run(t, storetest.SQLite) }

func TestPostgreSQL(t *testing.T) { storetest.Run(t, pgtest.Address) }
