// Package engine runs the embedded ClickHouse engine in a process of its own and gives clients a connection to it.
//
// The engine is libchdb, ClickHouse as a shared library, loaded without cgo. A data directory can be open in one
// process only, the daemon and the command line must both reach it, and a crash of the engine must not take the daemon
// along; hence the process, which belongs to nobody:
//
//   - A client calls [Open]. It connects to the unix socket in the directory; if nobody answers it starts the engine
//     detached (its own program again, see [MaybeServe]) and connects then.
//   - The lock on the directory decides. An engine that does not get it ends at once, and its starter connects to the
//     winner.
//   - The engine ends when no client has been connected for a while. An open [Engine] holds one connection for that.
//
// Spoken is the part of ClickHouse's HTTP interface that clickhouse-go uses, so that the same program and the same SQL
// work against a ClickHouse server.
//
// What lies in the directory: data/ (ClickHouse's own files), engine.sock, engine.lock (with the process id),
// engine.log and engine.log.1, config.xml (written at each start). All of it is the engine's; nobody else writes there.
//
// # For those who write SQL for it
//
//   - DateTime64 only: in results a DateTime comes without its zone. The engine's zone is UTC.
//   - No sessions: SET, USE and temporary tables end with their request. Settings go into the context
//     (clickhouse.WithSettings) or a SETTINGS clause; a list of keys goes along as an external table
//     (clickhouse.WithExternalTable), which for 50,000 keys takes half the time of an array parameter.
//   - An INSERT whose engine is killed has stored all rows of its block or none, and its error is [Lost]. Into a table
//     with a deduplication window it can be sent again with the same insert_deduplication_token until it succeeds. (Of
//     itself ClickHouse notes the token before it publishes the part, and a kill between the two would lose the rows
//     of the repetition; see tokens.go. A ClickHouse server has that gap, unless its tables are replicated.)
//   - Without a token nothing is taken for a repetition here, while a ClickHouse server compares the rows of a block.
//     So give a token to every insert into a table with a deduplication window, or set no window.
//   - An error text may quote values of text formats (CSV, JSON, VALUES) and the statement, never those of batches.
//   - A statement beginning with SELECT, WITH or FROM streams in Native and in formats without head or foot; others and
//     all statements that are no SELECT build their whole result in memory first.
//
// Environment: YUJING_ENGINE_LIB names a libchdb.so (see [FindLibrary]); YUJING_ENGINE_SERVE is set by a client for the
// process it starts.
package engine
