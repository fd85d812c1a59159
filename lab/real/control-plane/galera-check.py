#!/usr/bin/python3
"""Answers HAProxy on ADDRESS PORT: 200 while the Galera node on this host is Synced, otherwise 503."""
import http.server
import sys

import pymysql

SYNCED = "4"
connection = None


def local_state():
    global connection
    if connection is None:
        socket = "/run/mysqld/mysqld.sock"
        connection = pymysql.connect(unix_socket=socket, user="galera-check", connect_timeout=1, read_timeout=1)
    try:
        with connection.cursor() as cursor:
            cursor.execute("SHOW GLOBAL STATUS LIKE 'wsrep_local_state'")
            return cursor.fetchone()[1]
    except Exception:
        connection = None
        raise


class Check(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        try:
            state = local_state()
        except Exception as error:
            state = repr(error)
        body = f"wsrep_local_state {state}\n".encode()
        self.send_response(200 if state == SYNCED else 503)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        """HAProxy asks every second, three times over."""


http.server.HTTPServer((sys.argv[1], int(sys.argv[2])), Check).serve_forever()
