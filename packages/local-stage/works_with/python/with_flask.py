from apig_wsgi import make_lambda_handler
from flask import Flask, Response, jsonify, request

from caller import BYTES, ORIGIN, describe

app = Flask(__name__)


@app.get("/flask/caller")
def caller():
    event = request.environ["apig_wsgi.full_event"]
    return describe(event, request.path, request.args.getlist("tag"))


@app.get("/flask/cookies")
def cookies():
    response = jsonify(dict(request.cookies))
    response.set_cookie("first", "1")
    response.set_cookie("second", "2")
    return response


@app.get("/flask/binary")
def binary():
    return Response(BYTES, mimetype="application/octet-stream")


@app.post("/flask/length")
def length():
    return jsonify(len(request.get_data()))


@app.after_request
def allow_origin(response):
    response.headers["Access-Control-Allow-Origin"] = ORIGIN
    return response


handler = make_lambda_handler(app, binary_support=True)
