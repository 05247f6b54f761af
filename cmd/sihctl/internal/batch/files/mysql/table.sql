-- Writes the table that @t names: a line with the names of its columns, then a
-- line for each row, fields parted by TAB. The escapes are those of MySQL's
-- LOAD DATA, and \X before bytes that are no text. Everything is compared and
-- replaced as bytes, so that no collation takes one character for another.
SET NAMES utf8;
SET SESSION group_concat_max_len = 8388608;
SET SESSION time_zone = '+00:00';
SET @table = CONVERT(@t USING utf8);
SET @unicode = IF((SELECT COUNT(*) FROM information_schema.CHARACTER_SETS WHERE CHARACTER_SET_NAME = 'utf8mb4') > 0, 'utf8mb4', 'utf8');
-- A text with its escapes: backslash, TAB, LF, CR, NUL.
SET @open = 'REPLACE(REPLACE(REPLACE(REPLACE(REPLACE(';
SET @close = ',0x5C,0x5C5C),0x09,0x5C74),0x0A,0x5C6E),0x0D,0x5C72),0x00,0x5C30)';
SELECT
  GROUP_CONCAT(@open, '0x', HEX(COLUMN_NAME), @close ORDER BY ORDINAL_POSITION),
  GROUP_CONCAT(
    CASE
      WHEN DATA_TYPE IN ('binary','varbinary','tinyblob','blob','mediumblob','longblob','vector','geometry','point','linestring','polygon','multipoint','multilinestring','multipolygon','geometrycollection','geomcollection')
        OR CHARACTER_SET_NAME = 'binary'
        THEN CONCAT('IFNULL(CONCAT(0x5C58,HEX(', quoted, ')),0x5C4E)')
      WHEN DATA_TYPE = 'bit' THEN CONCAT('IFNULL(CAST(CAST(', quoted, ' AS UNSIGNED) AS CHAR),0x5C4E)')
      WHEN DATA_TYPE = 'float' THEN CONCAT('IFNULL(CAST(', quoted, '+0E0 AS CHAR),0x5C4E)')
      WHEN DATA_TYPE IN ('tinyint','smallint','mediumint','int','bigint','decimal','double') THEN CONCAT('IFNULL(CAST(', quoted, '+0 AS CHAR),0x5C4E)')
      WHEN DATA_TYPE = 'uuid' THEN CONCAT('IFNULL(UPPER(CAST(', quoted, ' AS CHAR)),0x5C4E)')
      -- A text that does not come back from Unicode as it was is no text.
      WHEN CHARACTER_SET_NAME IS NOT NULL AND CHARACTER_SET_NAME NOT IN ('latin1','utf8','utf8mb3','utf8mb4')
        THEN CONCAT('IF(', quoted, ' IS NULL,0x5C4E,IF(CAST(CONVERT(CONVERT(', quoted, ' USING ', @unicode, ') USING ', CHARACTER_SET_NAME, ') AS BINARY)=CAST(', quoted, ' AS BINARY),',
          @open, 'CAST(CONVERT(', quoted, ' USING ', @unicode, ') AS BINARY)', @close, ',CONCAT(0x5C58,HEX(CAST(', quoted, ' AS BINARY)))))')
      ELSE CONCAT('IFNULL(', @open, 'CAST(CONVERT(', quoted, ' USING ', @unicode, ') AS BINARY)', @close, ',0x5C4E)')
    END ORDER BY ORDINAL_POSITION)
INTO @names, @values
FROM (
  SELECT COLUMN_NAME, DATA_TYPE, CHARACTER_SET_NAME, ORDINAL_POSITION, CONCAT('`', REPLACE(COLUMN_NAME, '`', '``'), '`') AS quoted
  FROM information_schema.COLUMNS
  WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME = @table
{{- range .Columns}}
    AND NOT (TABLE_NAME = {{index . 0}} AND COLUMN_NAME = {{index . 1}})
{{- end}}
) AS c;
SET @q = CONCAT('SELECT ', @names);
PREPARE q FROM @q;
EXECUTE q;
SET @q = CONCAT('SELECT ', @values, ' FROM `', REPLACE(@table, '`', '``'), '`');
PREPARE q FROM @q;
EXECUTE q;
