-- Writes the batch that reads each table, as bcp takes no query from a file.
-- T-SQL of SQL Server 2008. Of each row one text is made: its fields, parted by
-- a sequence of noncharacters (U+FDD0 to U+FDEF, which no text holds), with other
-- such sequences for NULL and before bytes; then, in the one text, all that has
-- to be escaped, and last the sequences. Everything is compared by code point. The
-- text begins as nvarchar(max): otherwise it would be cut at 4000 characters.
SET NOCOUNT ON;
DECLARE @tab nchar(1), @first nvarchar(400), @last nvarchar(900), @collation nvarchar(128);
SET @tab = NCHAR(9);
SET @collation = CONVERT(nvarchar(128), DATABASEPROPERTYEX(DB_NAME(), 'Collation'));
SET @first = N'REPLACE(REPLACE(REPLACE(REPLACE(REPLACE(REPLACE(REPLACE(REPLACE((CONVERT(nvarchar(max),N'''')+';
SET @last = N') COLLATE Latin1_General_BIN2,N''\'',N''\\''),NCHAR(9),N''\t''),NCHAR(10),N''\n''),NCHAR(13),N''\r''),NCHAR(0),N''\0''),z.s,NCHAR(9)),z.n,N''\N''),z.b,N''\X'')';
WITH col AS (
  SELECT c.object_id, c.column_id, c.name,
    CASE
      WHEN y.name = N'sql_variant' THEN N'CONVERT(nvarchar(4000),t.' + QUOTENAME(c.name) + N')'
      WHEN y.name IN (N'char', N'varchar', N'nchar', N'nvarchar', N'text', N'ntext', N'xml', N'tinyint', N'smallint', N'int', N'bigint', N'bit', N'decimal', N'numeric', N'uniqueidentifier')
        THEN N'CONVERT(nvarchar(max),t.' + QUOTENAME(c.name) + N')'
          -- Texts of two collations do not go together.
          + CASE WHEN c.collation_name <> @collation THEN N' COLLATE ' + @collation ELSE N'' END
      WHEN y.name IN (N'money', N'smallmoney', N'float', N'real')
        THEN N'CONVERT(nvarchar(99),t.' + QUOTENAME(c.name) + N',2)'
      WHEN y.name = N'smalldatetime' THEN N'CONVERT(nvarchar(99),t.' + QUOTENAME(c.name) + N',120)'
      WHEN y.name IN (N'date', N'time', N'datetime', N'datetime2', N'datetimeoffset')
        THEN N'CONVERT(nvarchar(99),t.' + QUOTENAME(c.name) + N',121)'
      ELSE N'z.b+CONVERT(nvarchar(max),CONVERT(varbinary(max),t.' + QUOTENAME(c.name) + N'),2)'
    END AS expr
  FROM sys.columns AS c
  JOIN sys.tables AS t ON t.object_id = c.object_id AND t.is_ms_shipped = 0
  LEFT JOIN sys.types AS y ON y.user_type_id = c.system_type_id
  WHERE 1 = 1
{{- range .Tables}}
    AND SCHEMA_NAME(t.schema_id) + N'.' + t.name <> {{.}}
{{- end}}
{{- range .Columns}}
    AND NOT (SCHEMA_NAME(t.schema_id) + N'.' + t.name = {{index . 0}} AND c.name = {{index . 1}})
{{- end}}
), tab AS (
  SELECT t.object_id, SCHEMA_NAME(t.schema_id) AS [schema], t.name,
    STUFF((SELECT @tab + REPLACE(c.name, N'''', N'''''') FROM col AS c WHERE c.object_id = t.object_id ORDER BY c.column_id FOR XML PATH(''), TYPE).value('.', 'nvarchar(max)'), 1, 1, N'') AS names,
    STUFF((SELECT N'+z.s+ISNULL(' + c.expr + N',z.n)' FROM col AS c WHERE c.object_id = t.object_id ORDER BY c.column_id FOR XML PATH(''), TYPE).value('.', 'nvarchar(max)'), 1, 5, N'') AS exprs
  FROM sys.tables AS t
  WHERE t.is_ms_shipped = 0 AND EXISTS (SELECT * FROM col AS c WHERE c.object_id = t.object_id)
), query AS (
  SELECT [schema] + N'.' + name AS name,
    N'SELECT N''' + names + N''' UNION ALL SELECT ' + @first + exprs + @last
      + N' FROM ' + QUOTENAME(DB_NAME()) + N'.' + QUOTENAME([schema]) + N'.' + QUOTENAME(name)
      + N' t,(SELECT NCHAR(64976)+NCHAR(64995)+NCHAR(64983) s,NCHAR(64977)+NCHAR(65002)+NCHAR(64988) n,NCHAR(64978)+NCHAR(64990)+NCHAR(65006) b)z OPTION(MAXDOP 1)' AS q
  FROM tab
), line AS (
  SELECT name, 0 AS n, N'echo ' + REPLACE(name, N'%', N'%%') AS text FROM query
  -- In pieces, each of which sqlcmd prints whole; a percent sign stands twice in
  -- a batch.
  UNION ALL SELECT name, 1, N'set "Q="' FROM query
  UNION ALL SELECT name, 2 + v.number, N'set "Q=%Q%' + REPLACE(SUBSTRING(q, v.number * 800 + 1, 800), N'%', N'%%') + N'"'
    FROM query JOIN master.dbo.spt_values AS v ON v.type = 'P' AND v.number * 800 < LEN(q)
    WHERE LEN(q) <= 7600 AND CHARINDEX(N'"', q) = 0
  UNION ALL SELECT name, 4000, N'bcp "%Q%" queryout "%OUT%\' + REPLACE(name, N'%', N'%%') + N'.part" -w -S "%SERVER%" %BCPLOGIN% || exit /b 1'
    FROM query WHERE LEN(q) <= 7600 AND CHARINDEX(N'"', q) = 0
  UNION ALL SELECT name, 4001, N'move /y "%OUT%\' + REPLACE(name, N'%', N'%%') + N'.part" "%OUT%\' + REPLACE(name, N'%', N'%%') + N'.txt" > nul'
    FROM query WHERE LEN(q) <= 7600 AND CHARINDEX(N'"', q) = 0
  UNION ALL SELECT name, 4002, N'echo FAILED: ' + REPLACE(name, N'%', N'%%') + N' does not fit a command line: leave out columns of it, or read it over the network & exit /b 1'
    FROM query WHERE NOT (LEN(q) <= 7600 AND CHARINDEX(N'"', q) = 0)
)
SELECT CONVERT(nvarchar(2000), text) FROM (
  SELECT N'' AS name, -1 AS n, N'@echo off' AS text
  UNION ALL SELECT name, n, text FROM line
) AS l
ORDER BY name, n;
