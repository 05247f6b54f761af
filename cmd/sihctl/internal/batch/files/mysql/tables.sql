-- The tables to read: the name in hexadecimal, and the file that it becomes.
SET NAMES utf8;
SELECT HEX(TABLE_NAME), IF(TABLE_NAME REGEXP '^[A-Za-z0-9_$-]+$', TABLE_NAME, CONCAT('table-', HEX(TABLE_NAME)))
FROM information_schema.TABLES
WHERE TABLE_SCHEMA = DATABASE() AND TABLE_TYPE IN ('BASE TABLE', 'SYSTEM VERSIONED')
{{- range .Tables}}
  AND TABLE_NAME <> {{.}}
{{- end}}
ORDER BY TABLE_NAME;
