"""The script that pages carry, from ``bootstrap.js``; written by ``python -m scripts.hydration_script``."""

SCRIPT = r"""(()=>{var K=([s,{value:t,reason:e,variation:n,version:i,errorCode:r,errorDetails:o}])=>r?{key:s,errorCode:r,errorDetails:o}:
{key:s,value:t,reason:e,variant:n,metadata:{flagVersion:i}};function w({ofrep:s,flags:t,etag:e},n){if(!s)return;
let i=s.flags??Object.entries(t??{}).map(K);return{id:n,bulk:{...s,flags:i},etag:e??"",atMs:Date.now(),source:"\
page"}}var l=({bulk:s})=>String(s.metadata?.version??"0-0");function m(s,t){let[e=0,n=0]=l(s).split("-").map(Number),
[i=0,r=0]=l(t).split("-").map(Number);return e-i||n-r}var I=()=>globalThis.navigator.onLine===!1;function E(s,t){
if(!s||!t)return s??t;let e=m(t,s);return e>0||e===0&&I()?t:s}function p(s){let{level:t=0,age:e=0}=s.bulk.metadata??
{};return{version:l(s),level:s.source==="kept"||I()?3:t,age:e+Math.max(0,Math.round((Date.now()-s.atMs)/1e3)),
source:s.source}}function f(s){return Array.isArray(s)?`[${s.map(f).join()}]`:!s||typeof s!="object"?JSON.stringify(s)??"null":
`{${Object.keys(s).sort().map(e=>`${JSON.stringify(e)}:${f(s[e])}`).join()}}`}var V=[2166136261,2654435761,2246822519,
3266489917],W=[16777619,2654435761,2246822507,3266489909];function g(s){let t=[...V];for(let e=0;e<s.length;e++){
let n=s.charCodeAt(e);for(let i=0;i<t.length;i++){let r=Math.imul(t[i]^n,W[i]);t[i]=r^r>>>15}}return t.map(e=>(e>>>
0).toString(16).padStart(8,"0")).join("")}function R({headers:s},t){return/^bearer (.*)$/i.exec(s.get("Authori\
zation")??"")?.[1].trim()??s.get("X-API-Key")??t.searchParams.get("key")??""}function A(s){let t=s?.targetingKey;
return(typeof t=="string"||Number.isInteger(t))&&String(t)||void 0}var G="flaghoist:events:",X=25e4,N=1e3,L=100,F=16e3,U=5e3,q=6e4,b=class{constructor(t,e){this.n=t,this.h=e,this.a=
G+g(e),this.t=[],this.i=0,this.r=void 0,this.e=0,this.flush=this.flush.bind(this)}put(t){let e={id:z(),...t,at:Date.
now(),source:"web"};JSON.stringify(e).length>F||(this.t=[...this.t.slice(1-N),e],this.t.length>=L&&!this.e?this.
flush():this.l())}flush(){var t;return this[t="r"]??(this[t]=this.T().finally(()=>this.r=void 0)),this.r}leave(){
for(;this.t.length&&!H();){let t=this.u();if(this.e||globalThis.navigator.onLine===!1||!this.S(t))return this.O();
this.f(t)}}comeBack(){try{let t=this.d();if(!t.length)return;globalThis.localStorage.removeItem(this.a),this.t=
[...t,...this.t].slice(-N),this.l()}catch{}}l(){var t;this.r||this[t="i"]||(this[t]=globalThis.setTimeout(this.
flush,U))}async T(){if(globalThis.clearTimeout(this.i),this.i=0,H())return globalThis.document.addEventListener(
"prerenderingchange",this.flush,{once:!0});for(;this.t.length;){let t=this.u(),e=await this.x(t);if(this.e=e?this.e+
1:0,e){this.i=globalThis.setTimeout(this.flush,e);return}this.f(t)}}async x(t){let e=0;try{let i={"Content-Typ\
e":"text/plain;charset=UTF-8"},r=await this.n(this.h,{method:"POST",headers:i,body:j(t),keepalive:!0});if(r.status!==
429&&r.status<500)return 0;e=Number(r.headers.get("Retry-After"))||0}catch{}let n=Math.min(q,U*2**this.e)*(.5+
Math.random()/2);return Math.max(n,e*1e3)}u(){let t=[],e=0;for(let n of this.t.slice(0,L)){if(e+=JSON.stringify(
n).length,t.length&&e>F)break;t.push(n)}return t}f(t){this.t=this.t.filter(e=>!t.includes(e))}S(t){try{return globalThis.
navigator.sendBeacon(this.h,new Blob([j(t)],{type:"text/plain"}))}catch{return!1}}d(){return JSON.parse(globalThis.
localStorage.getItem(this.a)??"[]")}O(){try{let t=[...this.d(),...this.t].slice(-N);for(;JSON.stringify(t).length>
X;)t=t.slice(Math.ceil(t.length/4));globalThis.localStorage.setItem(this.a,JSON.stringify(t)),this.t=[]}catch{}}},
H=()=>!!globalThis.document.prerendering,j=s=>JSON.stringify({events:s});function z(){let{crypto:s}=globalThis;
if(s.randomUUID)return s.randomUUID();let t=s.getRandomValues(new Uint8Array(16));return Array.from(t,e=>e.toString(
16).padStart(2,"0")).join("")}var _="flaghoist:kept:",Q=8,C=1e6,Y=720*36e5;function y(s){try{let t=globalThis.localStorage.getItem(_+g(s)),e=parseInt(
t,10);if(!(Date.now()-e<Y))return;let{bulk:n,etag:i}=JSON.parse(t.slice(t.indexOf(" ")));return Array.isArray(
n.flags)?{id:s,bulk:n,etag:i,atMs:e,source:"kept"}:void 0}catch{return}}function J({id:s,bulk:t,etag:e,atMs:n}){
try{let i=_+g(s),r=`${n} ${JSON.stringify({bulk:t,etag:e})}`;if(r.length>C)return;Z(i,r.length),globalThis.localStorage.
setItem(i,r)}catch{}}function Z(s,t){let e=globalThis.localStorage,i=Object.keys(e).filter(o=>o.startsWith(_)&&
o!==s).map(o=>[o,e.getItem(o)??""]);i.sort(([,o],[,a])=>parseInt(a,10)-parseInt(o,10));let r=C-t;i.forEach(([o,
a],d)=>{r-=a.length,(r<0||d>=Q-1)&&e.removeItem(o)})}var T=class{constructor(t,e){this.id=t,this.inlined=e,this.c(void 0)}get current(){return this.g||this.c(E(this.
inlined,y(this.id))),this.g}get version(){return this.current&&l(this.current)}get standing(){return this.current&&
p(this.current)}details(t){return this.current&&this.v.get(t)}keep(t){let e=y(t.id);(!e||m(t,e)>=0)&&J(t),t.id===
this.id&&(!this.current||m(t,this.current)>=0)&&this.c(t)}last(t){return E(t===this.id?this.inlined:void 0,y(t))}c(t){
this.g=t,this.v=new Map(t?.bulk.flags.map(e=>[e.key,e]))}};var S=class{constructor(t,e,n){this.n=t,this.m=e,this.s=n,this.p=!1,this.version=void 0}async fetch(t,e){let n=await this.E(
t,e);if(!n)return this.n(t,e);let i=this.A(n);if(i)return i;try{let r=await this.n(t,e);return await this.N(n,
r),tt(r.status)&&this.b(n)||r}catch(r){let o=et(n.signal)?void 0:this.b(n);if(o)return o;throw r}}async E(t,e){
try{let n=t instanceof Request?t.clone():new Request(t,e),i=new URL(n.url);if(n.method!=="POST"||i.origin+i.pathname!==
this.m)return;let r=await n.json();return{id:k(this.m,R(n,i),r.context??{}),ifNoneMatch:n.headers.get("If-None\
-Match")??"",isFenced:i.searchParams.has("flagConfigEtag"),signal:e?.signal??n.signal}}catch{return}}A(t){let{
current:e,id:n,inlined:i}=this.s;if(!(!i||this.p||t.id!==n))return this.p=!0,t.isFenced?void 0:this.y(e,t)}b(t){
let e=this.s.last(t.id);return e&&!B(t,e)?this.y({...e,source:"kept"},t):void 0}y(t,e){let{version:n,level:i,age:r}=p(
t);this.version=n;let o={"Content-Type":"application/json",ETag:t.etag,"Flaghoist-Version":n,"Flaghoist-Age":String(
r),"Flaghoist-Level":String(i)};if(B(e,t))return new Response(null,{status:304,headers:o});let a={...t.bulk,metadata:{
...t.bulk.metadata,level:i,age:r}};return new Response(JSON.stringify(a),{headers:o})}async N(t,e){let n=e.headers.
get("ETag")??"",i={id:t.id,etag:n,atMs:Date.now(),source:"network"};try{if(e.status===200){let a=JSON.parse(await e.
clone().text());if(!Array.isArray(a.flags))return;this.s.keep({...i,bulk:a}),this.version=l({bulk:a})}let r=e.
status===304?this.s.last(t.id):void 0;if(!r||r.etag!==n)return;let o=Number(e.headers.get("Flaghoist-Age"))||0;
this.s.keep({...i,bulk:{...r.bulk,metadata:{...r.bulk.metadata,age:o}}})}catch{}}},k=(s,t,e)=>f([s,t,e]),B=(s,t)=>!!t.
etag&&s.ifNoneMatch.includes(t.etag),tt=s=>s===429||s>=500,et=s=>s?.aborted&&s.reason?.name!=="TimeoutError";var st=5e3,O=class{constructor(t){this.t=t,this.o=new Set}expose(t,e,n,i){let r=A(i),o=f([t,e,n,r]);this.o.has(
o)||(this.o.size>=st&&this.o.clear(),this.o.add(o),this.t.put({type:"exposure",flag:t,variant:e,version:n,unit:r}))}track(t,e,{
value:n,...i}){let r=Object.fromEntries(Object.entries(i).filter(([,a])=>nt(a))),o=Number.isFinite(n)?n:void 0;
this.t.put({type:"track",name:t,unit:A(e),value:o,attributes:r})}},nt=s=>typeof s=="string"||typeof s=="boolea\
n"||Number.isFinite(s);var D="/ofrep/v1/evaluate/flags",it="/v1/events";function rt(s){let{key:t="",context:e={}}=s??{},n=(s?.baseUrl??
globalThis.location.origin).replace(/\/+$/,""),i=c=>new URL(n+c,globalThis.document.baseURI).href,r=globalThis.
fetch.bind(globalThis),o=k(i(D),t,e),a=new T(o,s&&w(s,o)),d=new S(r,i(D),a),x=new b(r,`${i(it)}?key=${encodeURIComponent(
t)}`),v=new O(x),M=d.fetch.bind(d);return ot(a,x),{payload:s,context:e,baseUrl:n,key:t,fetch:M,providerOptions:{
baseUrl:n,fetchImplementation:M,headers:[["X-API-Key",t]],cacheMode:"disabled"},details:c=>a.details(c),value(c,h){
let u=a.details(c)?.value;return u!==void 0&&(h===void 0||typeof u==typeof h)?u:h},standing:()=>a.standing,used(c){
let h=a.details(c)?.variant;typeof h=="string"&&v.expose(c,h,a.version,e)},hook:{after({context:c},{flagKey:h,
variant:u,errorCode:$}){typeof u!="string"||$||v.expose(h,u,d.version??a.version,c)}},track:(c,h={})=>v.track(
c,e,h),flush:x.flush}}function ot(s,t){let{document:e}=globalThis;globalThis.addEventListener("pagehide",()=>t.
leave()),e.addEventListener("visibilitychange",()=>e.visibilityState==="hidden"?t.leave():t.comeBack()),globalThis.
setTimeout(()=>{s.inlined&&globalThis.navigator.onLine!==!1&&s.keep(s.inlined),t.comeBack()},0)}var P=globalThis.
__FLAGHOIST__;(!globalThis.Flaghoist||globalThis.Flaghoist.payload!==P)&&(globalThis.Flaghoist=rt(P));})();
"""  # noqa: E501
